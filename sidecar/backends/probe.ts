/**
 * Tries native code in a child process first: whatever it does there (crash, hang, abort, end the process), the sidecar
 * lives on.
 */
import { spawn } from 'node:child_process';
import { z } from 'zod';
import { backendName } from '../../protocol/sidecar';
import { messageOf } from '../errors';
import { writeToStdout } from '../stdio';
import { type Candidate, NotUsable } from './candidate';
import { load } from './load';
import { measureStep } from './proof';

const probeFlag = '--probe-backend';
const defaultProbeSeconds = 60;

const question = z.object({
  candidate: z.object({ backend: backendName, entry: z.string().optional() }),
  measure: z.boolean(),
});
const answer = z.union([
  z.object({
    works: z.literal(true),
    description: z.string(),
    difference: z.number().optional(),
    /** Of a training step of LeNet-5, when that was asked for. */
    stepMilliseconds: z.number().optional(),
  }),
  z.object({ works: z.literal(false), reason: z.string(), next: z.string().optional() }),
]);
type Answer = z.infer<typeof answer>;
export type Proven = Extract<Answer, { works: true }>;

export interface ProbeOptions {
  /** Default: 60 s. */
  seconds?: number | undefined;
  /** Also measures a training step. */
  measure?: boolean;
  signal?: AbortSignal;
}

/** @throws NotUsable with the reason when the candidate does not work in a process of its own. */
export async function probe(candidate: Candidate, options: ProbeOptions = {}): Promise<Proven> {
  const seconds = options.seconds ?? defaultProbeSeconds;
  const asked = JSON.stringify({ candidate, measure: options.measure ?? false });
  const child = spawn(process.execPath, [process.argv[1] ?? '', probeFlag, asked], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
    windowsHide: true,
    ...(options.signal ? { signal: options.signal } : {}),
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-100_000);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-10_000);
  });
  let timedOut = false;
  const limit = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, seconds * 1000);
  const ended = await new Promise<{ code: number | null; signal: string | null; error?: Error }>(
    (resolve) => {
      child.on('error', (error) => resolve({ code: null, signal: null, error }));
      // Not `close`: what native code may have started can keep the pipes open for ever.
      child.on('exit', (code, signal) => setTimeout(() => resolve({ code, signal }), 100));
    },
  );
  clearTimeout(limit);
  child.stdout.destroy();
  child.stderr.destroy();
  const said = parseAnswer(output);
  if (said?.works) return said;
  if (said) throw new NotUsable(said.reason, said.next);
  options.signal?.throwIfAborted();
  if (timedOut) throw new NotUsable(`it did not answer within ${seconds} s`);
  throw new NotUsable(`${howItEnded(ended)}${lastLine(errors)}`);
}

function howItEnded({
  code,
  signal,
  error,
}: {
  code: number | null;
  signal: string | null;
  error?: Error;
}): string {
  if (error) return `no process could be started for it: ${error.message}`;
  // Windows has no signals: a crash is a large exit code there.
  if (signal) return `it crashed with ${signal}`;
  return code !== null && code > 255
    ? `it crashed with 0x${code.toString(16)}`
    : `it ended its process with code ${code}`;
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').pop()?.trim();
  return line ? `: ${line.slice(0, 300)}` : '';
}

/** The last line that is an answer: native code may print too. */
function parseAnswer(output: string): Answer | undefined {
  for (const line of output.trim().split('\n').reverse()) {
    try {
      return answer.parse(JSON.parse(line));
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/** The child's side of `probe`; true when this process was started for it. */
export async function answerProbe(argv: string[]): Promise<boolean> {
  const asked = argv[argv.indexOf(probeFlag) + 1];
  if (!argv.includes(probeFlag) || !asked) return false;
  const { candidate, measure } = question.parse(JSON.parse(asked));
  const said = await tryOut(candidate, measure);
  writeToStdout(`${JSON.stringify(said)}\n`, () => process.exit(0));
  return true;
}

async function tryOut(candidate: z.infer<typeof question>['candidate'], measure: boolean): Promise<Answer> {
  try {
    const { description, difference } = await load(candidate as Candidate);
    return {
      works: true,
      description,
      ...(difference === undefined ? {} : { difference }),
      ...(measure ? { stepMilliseconds: await measureStep() } : {}),
    };
  } catch (error) {
    const next = error instanceof NotUsable ? error.next : undefined;
    return { works: false, reason: messageOf(error).split('\n')[0] ?? '', ...(next ? { next } : {}) };
  }
}

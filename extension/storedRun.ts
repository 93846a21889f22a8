/** A run on disk, as the training panel shows it: `run.json`, `metrics.jsonl` and what it evaluated last. */
import * as vscode from 'vscode';
import { z } from 'zod';
import {
  batchMetrics,
  epochMetrics,
  type RunFile,
  type RunStatus,
  runFile,
  type TrainingEvent,
  trainingEvent,
} from '../protocol/sidecar';
import type { TrainingState } from '../protocol/webview';
import { currentStatus } from '../sidecar/runs/runStatus';
import { keepEvents, type TrainingRecord } from './trainingRecord';

/** Enough for a curve. */
const mostEvents = 2000;

const metricsLine = z.discriminatedUnion('kind', [
  batchMetrics.extend({ kind: z.literal('batch') }),
  epochMetrics.extend({ kind: z.literal('epoch') }),
]);

export async function readRunFile(folder: vscode.Uri): Promise<RunFile> {
  return runFile.parse(JSON.parse(await readText(vscode.Uri.joinPath(folder, 'run.json'))));
}

/** `running` only while a process trains it. */
export function statusOf(run: RunFile): Promise<RunStatus> {
  return currentStatus(run);
}

export async function hasFile(folder: vscode.Uri, ...segments: string[]): Promise<boolean> {
  return vscode.workspace.fs.stat(vscode.Uri.joinPath(folder, ...segments)).then(
    () => true,
    () => false,
  );
}

/** A checkpoint that training can go on from. */
export function isResumable(folder: vscode.Uri): Promise<boolean> {
  return hasFile(folder, 'checkpoint', 'training.json');
}

/** @throws when there is no run.json that is understood. */
export async function readStoredRun(folder: vscode.Uri): Promise<TrainingRecord> {
  const run = await readRunFile(folder);
  const [status, resumable, lines, evaluations] = await Promise.all([
    statusOf(run),
    isResumable(folder),
    readLines(vscode.Uri.joinPath(folder, 'metrics.jsonl')),
    readEvaluations(folder),
  ]);
  const id = folder.toString();
  const state: TrainingState = {
    phase: status,
    modelName: run.model,
    ...(run.name === undefined ? {} : { runName: run.name }),
    startedAt: run.createdAt,
    dataDescription: run.data.description,
    backend: run.backend,
    options: run.options,
    elapsedSeconds: run.epochs.reduce((sum, { seconds }) => sum + seconds, 0),
    epochs: run.epochs,
    runFolder: folder.fsPath,
    classNames: run.classNames,
    ...(run.test ? { test: run.test } : {}),
    ...(run.restoredEpoch === undefined ? {} : { restoredEpoch: run.restoredEpoch }),
    resumable,
    ...messageOf(run, status, resumable),
  };
  return { state, events: keepEvents([...eventsOf(id, lines), ...evaluations], mostEvents) };
}

function messageOf(run: RunFile, status: RunStatus, resumable: boolean): { message?: string } {
  if (status === 'failed') return { message: run.error ?? 'It failed.' };
  if (status !== 'interrupted') return {};
  return { message: interruptedMessage('Its process ended.', run.epochs.length, resumable) };
}

/** What became of what was learned, and what to do. `how` is a sentence. */
export function interruptedMessage(how: string, epochs: number, resumable: boolean): string {
  if (resumable)
    return `Training was interrupted. ${how} Resume goes on from the last checkpoint, as if nothing had happened.`;
  const kept =
    epochs > 0
      ? `What was learned in ${epochs === 1 ? 'the first epoch' : `${epochs} epochs`} is kept in the run's folder.`
      : 'Nothing was learned until then.';
  return `Training was interrupted. ${how} ${kept} Train again to start over.`;
}

/** The lines as the events they were. Lines of another version, and a last one that is cut off, are left out. */
function eventsOf(run: string, lines: string[]): TrainingEvent[] {
  return lines.flatMap((line): TrainingEvent[] => {
    const parsed = metricsLine.safeParse(parseJson(line));
    if (!parsed.success) return [];
    if (parsed.data.kind === 'epoch') {
      const { kind, ...metrics } = parsed.data;
      return [{ kind, run, metrics }];
    }
    return [{ ...parsed.data, run, examplesPerSecond: 0, secondsLeft: 0 }];
  });
}

/** The last evaluation of each part, with the pictures of the worst mistakes. */
async function readEvaluations(folder: vscode.Uri): Promise<TrainingEvent[]> {
  if (!(await hasFile(folder, 'evaluation.json'))) return [];
  const content = parseJson(await readText(vscode.Uri.joinPath(folder, 'evaluation.json')));
  const found = Array.isArray(content) ? content : Object.values(content ?? {});
  return found.flatMap((one) => {
    const event = trainingEvent.safeParse({ ...one, kind: 'evaluation', run: folder.toString() });
    return event.success ? [event.data] : [];
  });
}

async function readLines(file: vscode.Uri): Promise<string[]> {
  const text = await readText(file).catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

async function readText(file: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

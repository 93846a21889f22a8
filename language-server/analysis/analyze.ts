/**
 * Source text → models, layers and problems. Pure: everything it knows of the world comes through `ModuleHost`.
 *
 * The program is evaluated from its first line; then every function that nothing called is evaluated with parameters
 * that are not known. Where a condition is not known, the whole is done again with the other outcome, a few times at
 * most, and what differs is kept as alternatives.
 */
import type ts from 'typescript';
import type { Problem } from '../../model-graph/graph';
import type { Creation } from './evaluator/evaluation';
import { Evaluator } from './evaluator/evaluator';
import { isPrimitive, isUndecided } from './evaluator/kinds';
import { StopSignal, ThrowSignal } from './evaluator/signals';
import { isExpectedToFail } from './expectedFailures';
import { type ModuleHost, ModuleLoader, ParsedFiles } from './modules';
import { type Analysis, merge, type Run } from './results';
import { checkLayerComments } from './shapeComments';
import { evaluateUncalled } from './uncalled';
import { UnknownValue, type Value } from './values';
import { Volatile } from './volatile';

export type { ModuleHost } from './modules';
export { ParsedFiles } from './modules';
export type { Analysis, LayerSite } from './results';

export interface AnalysisOptions {
  isCancelled?: () => boolean;
  parsed?: ParsedFiles;
  /** Nodes that one evaluation may visit. */
  stepLimit?: number;
  /** How many outcomes of unknown conditions are followed. */
  maximumRuns?: number;
  /** Told everything that each way through the program creates, in other files too. */
  onRun?: (creations: readonly Creation[]) => void;
  /** Told of every name that is declared or read, with what it holds then. */
  onName?: (node: ts.Identifier, value: Value) => void;
}

const defaultStepLimit = 1_000_000;
const defaultRuns = 40;
/** Times that the program is evaluated again because functions change more than was seen before. */
const maximumPasses = 2;
/** Nodes visited by all evaluations together after which no further outcome is followed. */
const explorationSteps = 300_000;

export function analyze(
  path: string,
  text: string,
  host: ModuleHost,
  options: AnalysisOptions = {},
): Analysis {
  const parsed = options.parsed ?? new ParsedFiles();
  const stepLimit = options.stepLimit ?? defaultStepLimit;
  const runs: Run[] = [];
  // Breadth first: every condition gets flipped once before two are flipped together.
  const plans: boolean[][] = [[]];
  const volatile = new Volatile();
  let steps = 0;
  while (plans.length > 0 && runs.length < (options.maximumRuns ?? defaultRuns)) {
    const plan = plans.shift()!;
    let run: Run;
    let { findings } = volatile;
    for (let pass = 0; ; pass++) {
      run = runOnce(path, text, host, parsed, plan, stepLimit, volatile, options);
      if (volatile.findings === findings || pass === maximumPasses || run.incomplete) break;
      findings = volatile.findings;
    }
    runs.push(run);
    options.onRun?.(run.creations);
    if (run.incomplete) break;
    steps += run.steps;
    if (steps > explorationSteps) break; // long programs: other outcomes would cost more than they tell
    for (let index = plan.length; index < run.outcomes.length; index++) {
      plans.push([...run.outcomes.slice(0, index), !run.outcomes[index]]);
    }
  }
  const analysis = merge(path, runs);
  const expected = ({ location }: Problem) =>
    location?.path === path && isExpectedToFail(parsed.parse(path, text), location.range);
  return { ...analysis, problems: analysis.problems.filter((problem) => !expected(problem)) };
}

function runOnce(
  path: string,
  text: string,
  host: ModuleHost,
  parsed: ParsedFiles,
  plan: boolean[],
  stepLimit: number,
  volatile: Volatile,
  { isCancelled, onName }: AnalysisOptions,
): Run {
  const modules = new ModuleLoader(host, parsed);
  const file = modules.parse(path, text);
  const evaluator = new Evaluator(modules, { stepLimit, plan, isCancelled, onName, volatile });
  let incomplete: string | undefined;
  try {
    const scope = modules.evaluateEntry(evaluator, path, file);
    const unknowns = [...volatile.names].map(
      (name) => new UnknownValue(name, `\`${name}\` is changed by functions that may be called at any time`),
    );
    evaluator.beforeRoot = () => {
      for (const unknown of unknowns) scope.declare(unknown.name, unknown);
      evaluator.volatileState.forget(evaluator.root);
    };
    evaluator.beforeRoot();
    const before = new Map(scope.bindings);
    evaluateUncalled(evaluator, file, scope);
    checkLayerComments(evaluator);
    for (const [name, value] of before) {
      const now = scope.bindings.get(name);
      if (now !== value && isPrimitive(value) && (isPrimitive(now) || isUndecided(now)))
        volatile.addName(name);
    }
  } catch (error) {
    if (error instanceof StopSignal) {
      if (error.reason === 'cancelled') throw error;
      incomplete = 'the program is too long to be followed to its end';
    } else if (error instanceof RangeError) {
      incomplete = 'the program nests too deeply to be followed'; // the call stack
    } else if (!(error instanceof ThrowSignal)) {
      throw error;
    }
  }
  return {
    creations: evaluator.creations,
    problems: evaluator.topology.problems,
    problemRoots: evaluator.problemRoots,
    outcomes: evaluator.decisions.map((decision) => decision.outcome),
    decisions: evaluator.decisions,
    called: evaluator.called,
    dependencies: modules.dependencies,
    steps: evaluator.stepsTaken,
    likenedAt:
      evaluator.likenedAt === undefined ? undefined : evaluator.topology.problems[evaluator.likenedAt],
    incomplete,
  };
}

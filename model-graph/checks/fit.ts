/**
 * What `model.fit(x, y)` throws for tensors whose shapes are known. Mirrors tfjs-layers engine/training.ts
 * standardizeUserDataXY: standardizeInputData, checkArrayLengths and checkLossAndTargetCompatibility.
 *
 * Only numbers are compared with numbers: a size that is open, symbolic or lost fits anything.
 */

import { formatBatchShape } from '../batchShape';
import type { Shape } from '../dims';
import type { Problem, SourceLocation } from '../graph';
import type { Model } from '../wired';
import { lossesOf } from './compile';
import { lossNames } from './compileNames';

/** One tensor given to `fit`. */
export interface GivenTensor {
  /** null where it is not known. */
  shape: Shape | null;
  /** Whether the first size is certain: that of a list filled elsewhere is not. */
  countCertain: boolean;
}

/** What stands for x or y: a tensor, or a list of them; undefined where it is neither. */
export type GivenData = { tensors: GivenTensor[]; isList: boolean } | undefined;

export interface FitCall {
  model: Model;
  x: GivenData;
  y: GivenData;
  location: SourceLocation;
  /** The way through the program that leads here took no side of a condition that is not known. */
  certain: boolean;
}

/** The problems of one call of `fit` or `trainOnBatch`. */
export function checkFit({ model, x, y, location, certain }: FitCall): Problem[] {
  if (!certain || model.contentsLost || model.outputs.length === 0) return [];
  const error = (code: string, message: string): Problem => ({
    code,
    severity: 'error',
    stage: 'fit',
    message,
    location,
    related: model.location
      ? [{ message: `the model is made here: ${shapesText(model)}`, location: model.location }]
      : undefined,
  });
  const losses = lossesOf(model, model.compileArguments?.loss);
  const wanted = {
    x: model.inputs.map((input) => input.shape),
    y: model.outputs.map((output, index) => targetShape(output.shape, losses[index] ?? null)),
  };
  const first = firstMisfit('x', x, wanted.x) ?? firstMisfit('y', y, wanted.y);
  if (first) return [error(first.code, first.message)];
  const counts = sampleCounts(x, y);
  if (counts) return [error('fit-sample-count', counts)];
  const rejected = y && rejectedLoss(model, losses);
  return rejected ? [error('loss-misfit', rejected)] : [];
}

/** Targets have the shape of the output, but for sparse ones; null where the loss is not known. */
function targetShape(output: Shape | null, loss: string | null): Shape | null {
  if (output === null || loss === null || !lossNames.includes(loss)) return null;
  return loss === 'sparseCategoricalCrossentropy' ? [...output.slice(0, -1), 1] : output;
}

function firstMisfit(
  side: 'x' | 'y',
  data: GivenData,
  wanted: (Shape | null)[],
): { code: string; message: string } | null {
  if (!data) return null;
  const noun = side === 'x' ? 'input' : 'output';
  if (data.tensors.length !== wanted.length) {
    const given = data.isList
      ? `a list of ${data.tensors.length} ${data.tensors.length === 1 ? 'tensor' : 'tensors'}`
      : 'one tensor';
    return {
      code: 'fit-tensor-count',
      message: `\`${side}\` is ${given}, but the model has ${wanted.length} ${wanted.length === 1 ? noun : `${noun}s`}.`,
    };
  }
  for (const [index, { shape }] of data.tensors.entries()) {
    const want = wanted[index];
    if (!shape || !want) continue;
    const name = data.isList ? `\`${side}[${index}]\`` : `\`${side}\``;
    if (shape.length === 0) {
      return {
        code: 'fit-shape-mismatch',
        message: `${name} is a scalar; the model takes batches of examples.`,
      };
    }
    // Mirrors ensureTensorsRank2OrHigher.
    const actual = shape.length === 1 ? [...shape, 1] : shape;
    const fits =
      actual.length === want.length &&
      want.every((size, axis) => {
        const given = actual[axis];
        if (axis === 0 || typeof size !== 'number' || size < 0 || typeof given !== 'number') return true;
        return size === given;
      });
    if (fits) continue;
    const expected = `[${['batch', ...want.slice(1).map((size) => size ?? 'any')].join(', ')}]`;
    return {
      code: 'fit-shape-mismatch',
      message: `${name} has the shape ${formatBatchShape(shape)}, but the model ${side === 'x' ? 'takes' : 'is trained towards'} ${expected}.`,
    };
  }
  return null;
}

function sampleCounts(x: GivenData, y: GivenData): string | null {
  const counts = [...(x?.tensors ?? []), ...(y?.tensors ?? [])].flatMap(({ shape, countCertain }) => {
    const count = shape?.[0];
    return countCertain && typeof count === 'number' ? [count] : [];
  });
  const other = counts.find((count) => count !== counts[0]);
  return other === undefined
    ? null
    : `\`x\` and \`y\` must hold the same number of examples, but there are ${counts[0]} and ${other}.`;
}

/** With one output, categoricalCrossentropy rejects every target that the model's own shape lets pass. */
function rejectedLoss(model: Model, losses: (string | null)[]): string | null {
  const at = model.outputs.findIndex(
    ({ shape }, index) => losses[index] === 'categoricalCrossentropy' && shape?.at(-1) === 1,
  );
  return at < 0
    ? null
    : "The model was compiled with 'categoricalCrossentropy' but puts out only 1 number: tfjs rejects every target. Use 'binaryCrossentropy' with a sigmoid, or give the last layer as many units as there are classes.";
}

function shapesText(model: Model): string {
  const list = (shapes: (Shape | null)[]) =>
    shapes.map((shape) => (shape ? formatBatchShape(shape) : '?')).join(', ');
  return `${list(model.inputs.map(({ shape }) => shape))} → ${list(model.outputs.map(({ shape }) => shape))}`;
}

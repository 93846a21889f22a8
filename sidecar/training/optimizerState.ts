/**
 * Everything an optimizer has gathered, so that another one goes on from there with the very same numbers. tfjs's own
 * `getWeights` and `setWeights` do not do that: adamax has none, and adam computes its powers of beta anew, which differs
 * from its running products in the last bits.
 */
import * as tf from '@tensorflow/tfjs';

export interface OptimizerState {
  /** How many steps it has made. */
  iterations: number;
  /** Its variables in a fixed order, by the field that holds them and, in a list, their place. */
  variables: { field: string; index?: number; name: string; shape: number[]; values: Float32Array }[];
}

/** Mirrors tfjs-core optimizers/optimizer.ts OptimizerVariable, which the accumulators are. */
interface Accumulator {
  originalName: string;
  variable: tf.Variable;
}

type Fields = Record<string, unknown>;

export function readOptimizerState(optimizer: tf.Optimizer): OptimizerState {
  const variables: OptimizerState['variables'] = [];
  const read = (field: string, name: string, variable: tf.Tensor, index?: number) =>
    variables.push({
      field,
      ...(index === undefined ? {} : { index }),
      name,
      shape: variable.shape,
      values: Float32Array.from(variable.dataSync()),
    });
  for (const [field, value] of Object.entries(optimizer as unknown as Fields)) {
    if (value instanceof tf.Variable) read(field, field, value);
    else if (isAccumulators(value))
      for (const [index, { originalName, variable }] of value.entries())
        read(field, originalName, variable, index);
  }
  return { iterations: optimizer.iterations, variables };
}

/** @param optimizer A new one, of the same class and configuration as the one that was read. */
export function restoreOptimizerState(optimizer: tf.Optimizer, state: OptimizerState): void {
  const fields = optimizer as unknown as Fields;
  fields['iterations_'] = state.iterations;
  for (const { field, index, name, shape, values } of state.variables) {
    const present = fields[field];
    tf.tidy(() => {
      const tensor = tf.tensor(values, shape);
      if (index === undefined) {
        if (!(present instanceof tf.Variable)) throw new Error(`the optimizer has no variable ${field}`);
        present.assign(tensor);
      } else {
        if (!Array.isArray(present)) throw new Error(`the optimizer has no list ${field}`);
        present[index] = { originalName: name, variable: tf.variable(tensor, false) } satisfies Accumulator;
      }
    });
  }
}

function isAccumulators(value: unknown): value is Accumulator[] {
  return (
    Array.isArray(value) &&
    value.every(
      (entry) =>
        typeof entry === 'object' && entry !== null && 'variable' in entry && 'originalName' in entry,
    )
  );
}

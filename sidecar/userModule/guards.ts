/**
 * What a user's program must not do to the process that runs it: end it, change its backend, train on its own. The guards
 * hold in the program's own chain of calls, also in what it does later; the sidecar itself is free of them.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import * as tf from '@tensorflow/tfjs';
import { memoryText } from '../../model-graph/trainingMemory';
import type { BackendName } from '../../protocol/sidecar';
import { memoryLimit, requireRoom, wasmAddresses } from '../backends/room';
import { removeForeignErrorListeners } from '../lifetime';

const programs = new AsyncLocalStorage<{ file: string }>();

/** Thrown where the program begins to train: its model is ready. */
export class ReachedTraining extends Error {
  constructor(readonly model: tf.LayersModel) {
    super('The program begins to train its model; Layerwise does that itself.');
  }
}

/** Thrown instead of ending the process. */
export class ReachedExit extends Error {
  constructor() {
    super('The program calls process.exit()');
  }
}

/** Runs the program's code; what it starts later is guarded too. */
export function asProgram<T>(file: string, run: () => T): T {
  installGuards();
  removeForeignErrorListeners();
  return programs.run({ file }, run);
}

/** Whether an error that nobody caught is a program's, which has gone on by itself, and not the sidecar's. */
export function isOfProgram(error: unknown): boolean {
  return isProgramRunning() || error instanceof ReachedTraining || error instanceof ReachedExit;
}

function isProgramRunning(): boolean {
  return programs.getStore() !== undefined;
}

/** Names of tfjs's own classes; undefined until the first program is run. */
let builtIn: ReadonlySet<string> | undefined;

function installGuards(): void {
  if (builtIn) return;
  builtIn = new Set(Object.keys(registeredClasses()));
  for (const end of ['exit', 'abort', 'reallyExit'] as const) {
    const original = (process as unknown as Record<string, (...args: unknown[]) => never>)[end];
    if (!original) continue;
    Object.assign(process, {
      [end]: (...args: unknown[]) => {
        if (isProgramRunning()) throw new ReachedExit();
        return original.apply(process, args);
      },
    });
  }
  const layer = tf.layers.Layer.prototype as unknown as { addWeight: (...args: unknown[]) => unknown };
  const { addWeight } = layer;
  layer.addWeight = function (this: tf.layers.Layer, ...args: unknown[]) {
    if (isProgramRunning()) requireRoomForWeight(this, args[0], args[1]);
    return addWeight.apply(this, args);
  };
  const prototype = tf.LayersModel.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const method of ['fit', 'fitDataset', 'trainOnBatch']) {
    const original = prototype[method];
    prototype[method] = function (this: tf.LayersModel, ...args: unknown[]) {
      if (isProgramRunning()) throw new ReachedTraining(this);
      return original?.apply(this, args);
    };
  }
}

/** tfjs-layers engine/topology.ts addWeight(name, shape, …): the shape of what is allocated next. */
function requireRoomForWeight(layer: tf.layers.Layer, name: unknown, shape: unknown): void {
  if (!Array.isArray(shape)) return;
  const bytes = 4 * shape.reduce((product: number, size) => product * Number(size), 1);
  const limit = memoryLimit(tf.engine().backendName as BackendName | undefined);
  const before = limit.of === wasmAddresses ? tf.engine().state.numBytes : 0;
  requireRoom(
    before + bytes,
    limit,
    `Building layer \`${layer.name}\``,
    `its weight \`${String(name)}\` [${shape.join(', ')}] ${memoryText(bytes)}${before > 0 ? `, what is there already ${memoryText(before)}` : ''}`,
    { next: 'Make the layer, or its input, smaller.' },
  );
}

/** The sidecar's tfjs as programs get it: all of it, but for what would change the process. */
export function tfjsForPrograms(): Record<string, unknown> {
  return {
    ...tf,
    setBackend: async () => true,
    registerBackend: () => true,
    removeBackend: () => {},
    disposeVariables: () => {},
    enableDebugMode: () => {},
    serialization: {
      ...tf.serialization,
      registerClass: (cls: tf.serialization.SerializableConstructor<tf.serialization.Serializable>) => {
        if (builtIn?.has(cls.className))
          throw new Error(
            `A class named \`${cls.className}\` is TensorFlow.js's own; give yours another className`,
          );
        tf.serialization.registerClass(cls);
      },
    },
  };
}

export function registeredClasses(): Record<string, [unknown, unknown]> {
  return tf.serialization.SerializationMap.getMap().classNameMap;
}

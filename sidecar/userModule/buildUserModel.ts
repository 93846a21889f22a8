/**
 * Builds a model by running the user's own program: for what no analysis can tell, layers of the program's own above
 * all. The program is bundled, run with guards and a time limit, and its builder called.
 */
import { createRequire, SourceMap } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import type { UserModule } from '../../protocol/sidecar';
import { messageOf, SidecarError } from '../errors';
import { type Bundle, bundleUserModule, scriptParameters, tfjsModule } from './bundle';
import { callBuilder, modelWithin } from './callBuilder';
import { asProgram, ReachedExit, ReachedTraining, registeredClasses, tfjsForPrograms } from './guards';

/** Longest that the program may take to load, and its builder to build. VGG-19 takes some seconds. */
const limitMilliseconds = 120_000;
const scriptName = 'layerwise-user-module.js';

/**
 * @returns The model with the weights that the program gives it.
 * @throws SidecarError naming the program and, where its code failed, the line.
 */
export async function buildUserModel(userModule: UserModule): Promise<tf.LayersModel> {
  const bundle = await bundleUserModule(userModule.file, userModule.builder);
  try {
    const model = await asProgram(bundle.file, () => withinLimit(run(bundle, userModule)));
    registerLayerClasses(model);
    return model;
  } catch (error) {
    throw programError(error, bundle, userModule);
  }
}

async function run(bundle: Bundle, { builder, parameters = {} }: UserModule): Promise<tf.LayersModel> {
  let taken: unknown;
  const module = { exports: {} as Record<string, unknown> };
  const load = new Script(`(function (${scriptParameters.join(', ')}) {${bundle.code}\n})`, {
    filename: scriptName,
  }).runInThisContext() as (...args: unknown[]) => void;
  const ownTfjs = tfjsForPrograms();
  const requireFrom = createRequire(bundle.file);
  const requireFor = (name: string): unknown => (name === tfjsModule ? ownTfjs : requireFrom(name));
  const takeBuilder = (take: () => unknown) => {
    taken = take();
  };
  try {
    interruptibly(() =>
      load(requireFor, module, module.exports, ownTfjs, takeBuilder, pathToFileURL(bundle.file).href),
    );
    const root = builder === 'default' ? module.exports['default'] : taken;
    const built =
      builder === '' ? module.exports : interruptibly(() => callBuilder(root, builder, parameters));
    const model = modelWithin(await (built as Promise<unknown>));
    if (model) return model;
    throw new SidecarError(
      builder === ''
        ? 'The program has run to its end without showing a model.'
        : `\`${builder}\` gives ${built === undefined ? 'nothing' : 'something that is'} no tf.LayersModel.`,
      { where: bundle.file, next: 'Let a function of the file return the model.' },
    );
  } catch (error) {
    if (error instanceof ReachedTraining) return error.model;
    throw error;
  }
}

let running: (() => unknown) | undefined;
const call = new Script('globalThis[Symbol.for("layerwise.call")]()', { filename: 'layerwise-call.js' });

/** Runs code that may never end: only Node's own scripts can be interrupted from within the process. */
function interruptibly<T>(work: () => T): T {
  running = work;
  Object.assign(globalThis, { [Symbol.for('layerwise.call')]: () => running?.() });
  try {
    return call.runInThisContext({ timeout: limitMilliseconds }) as T;
  } finally {
    running = undefined;
  }
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut()), limitMilliseconds);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

class TimedOut extends Error {}

/** So that what is saved can be loaded again, whether or not the program has thought of it. */
function registerLayerClasses(model: tf.LayersModel): void {
  for (const layer of model.layers) {
    if (layer instanceof tf.LayersModel) {
      registerLayerClasses(layer);
      continue;
    }
    const cls = layer.constructor as tf.serialization.SerializableConstructor<tf.layers.Layer>;
    if (!Object.hasOwn(cls, 'className') || !cls.className)
      Object.defineProperty(cls, 'className', { value: cls.name, configurable: true });
    if (!registeredClasses()[cls.className]) tf.serialization.registerClass(cls);
  }
}

function programError(error: unknown, bundle: Bundle, { builder }: UserModule): SidecarError {
  if (error instanceof SidecarError) return error;
  const what = builder === '' ? 'The program' : `\`${builder}\``;
  const code = (error as { code?: unknown } | null)?.code;
  if (error instanceof TimedOut || code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
    return new SidecarError(
      `${what} has built no model within ${limitMilliseconds / 60_000} minutes; it was stopped.`,
      {
        where: bundle.file,
        next: 'Is there a loop that does not end, or does the file do other work as it loads? Restart the compute process if it stays busy.',
      },
    );
  }
  const where = placeOf(error, bundle) ?? bundle.file;
  if (error instanceof ReachedExit) {
    return new SidecarError(`${error.message} before the model is built.`, {
      where,
      next: 'Move the model into a file, or a function, of its own.',
    });
  }
  const message = messageOf(error).split('\n')[0] ?? '';
  const [, browserName] =
    /^(document|window|localStorage|HTMLElement|requestAnimationFrame) is not defined/.exec(message) ?? [];
  return new SidecarError(`The program failed while it built the model: ${message}`, {
    where,
    next: browserName
      ? `It is run in Node, where there is no \`${browserName}\`: move the model into a file that has nothing to do with the page.`
      : undefined,
    cause: error,
  });
}

/** The topmost place of the program's own in the error's stack, as it stands in the source. */
function placeOf(error: unknown, { sourceMap, file }: Bundle): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, line, column] = new RegExp(`${scriptName}:(\\d+):(\\d+)`).exec(stack) ?? [];
  if (!line || !column) return undefined;
  const map = new SourceMap(JSON.parse(sourceMap));
  const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
  if (!('originalSource' in entry)) return undefined;
  const source = new URL(entry.originalSource, pathToFileURL(file));
  return `${decodeURIComponent(source.pathname)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

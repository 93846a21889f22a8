/** TensorFlow.js as the analysed program sees it: `tf.*`, and the members of what it gives. */
import type ts from 'typescript';
import type { LayerConfig } from '../../../model-graph/layers/rule';
import { Layer, Model, SymbolicTensor } from '../../../model-graph/wired';
import { native } from '../builtins/native';
import { layerClass } from '../customLayers';
import type { Evaluation } from '../evaluator/evaluation';
import { mistake } from '../evaluator/kinds';
import { dataShape, toConfigValue, toLayerConfig, toShape } from '../layerConfig';
import { fileHandler, loadLayersModel } from '../modelFiles';
import {
  ClassValue,
  DataTensor,
  FunctionValue,
  ObjectValue,
  SerializableValue,
  TfNamespace,
  type Value,
} from '../values';
import { inputFactory, layerFactory, memberOfLayer } from './layers';
import { createModel, createSequential, memberOfModel } from './models';
import { memberOfData, memberOfTensor } from './tensors';

export const tfNamespace = new TfNamespace('');

/**
 * Packages whose export is (a superset of) the layers API: by name, as `npm:` names them, or from a site that serves
 * packages, with or without a version.
 */
const tfPackage =
  /^(npm:|https?:\/\/[^?#]*\/)?@tensorflow\/tfjs(-node(-gpu)?|-layers|-core)?(@[^/?#]+)?([/?#].*)?$/;

export function isTfPackage(specifier: string): boolean {
  return tfPackage.test(specifier);
}

/** What programs use of `tf` to build models. */
const layersApi = new Set([
  'layers',
  'sequential',
  'model',
  'input',
  'initializers',
  'regularizers',
  'constraints',
  'train',
  'loadLayersModel',
]);

export function isOfLayersApi(name: string): boolean {
  return layersApi.has(name);
}

/** Mirrors tfjs-core optimizers/optimizer_constructors.ts. `learningRate`: its default, where another than `compile`'s for the name. */
const optimizerArguments: Record<string, { className: string; names: string[]; learningRate?: number }> = {
  sgd: { className: 'SGD', names: ['learningRate'] },
  momentum: { className: 'Momentum', names: ['learningRate', 'momentum', 'useNesterov'] },
  rmsprop: { className: 'RMSProp', names: ['learningRate', 'decay', 'momentum', 'epsilon', 'centered'] },
  adam: { className: 'Adam', names: ['learningRate', 'beta1', 'beta2', 'epsilon'] },
  adadelta: { className: 'Adadelta', names: ['learningRate', 'rho', 'epsilon'], learningRate: 0.001 },
  adamax: { className: 'Adamax', names: ['learningRate', 'beta1', 'beta2', 'epsilon', 'decay'] },
  adagrad: { className: 'Adagrad', names: ['learningRate', 'initialAccumulatorValue'] },
};

/** `undefined` when `object` is nothing of TensorFlow.js. */
export function memberOfTf(
  evaluator: Evaluation,
  object: Value,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  if (object instanceof TfNamespace) return { value: memberOfNamespace(evaluator, object.path, name, node) };
  if (object instanceof Model)
    return memberOfModel(evaluator, object, name, node) ?? memberOfLayer(evaluator, object, name, node);
  if (object instanceof Layer) return memberOfLayer(evaluator, object, name, node);
  if (object instanceof SymbolicTensor) return memberOfTensor(evaluator, object, name, node);
  if (object instanceof DataTensor) return memberOfData(evaluator, object, name, node);
  return undefined;
}

function memberOfNamespace(evaluator: Evaluation, path: string, name: string, node: ts.Node): Value {
  const full = path ? `${path}.${name}` : name;
  switch (path) {
    case '':
      return memberOfRoot(evaluator, name, node);
    case 'layers':
      if (name === 'Layer') return layerClass;
      return (
        layerFactory(evaluator, name) ??
        Object.assign(mistake(evaluator.unknown(node, `tf.${full} is not a layer of TensorFlow.js 4.22`)), {
          missingFactory: name,
        })
      );
    case 'initializers':
    case 'constraints':
      return native(
        `tf.${full}`,
        ([config]) =>
          new SerializableValue(name[0]!.toUpperCase() + name.slice(1), toLayerConfig(evaluator, config)),
      );
    case 'regularizers':
      return native(`tf.${full}`, ([config]) => {
        const given = toLayerConfig(evaluator, config);
        // Mirrors regularizers.ts l1 and l2.
        if (name === 'l1') return new SerializableValue('L1L2', { l1: given.l1 ?? 0.01, l2: 0 });
        if (name === 'l2') return new SerializableValue('L1L2', { l2: given.l2 ?? 0.01, l1: 0 });
        return new SerializableValue('L1L2', given);
      });
    case 'train': {
      const optimizer = optimizerArguments[name];
      if (optimizer) {
        return native(`tf.${full}`, (args) => {
          const { learningRate } = optimizer;
          const config: LayerConfig = learningRate === undefined ? {} : { learningRate };
          optimizer.names.forEach((argument, index) => {
            const value = args[index];
            if (value !== undefined) config[argument] = toConfigValue(evaluator, value);
          });
          return new SerializableValue(optimizer.className, config);
        });
      }
      return evaluator.unknown(node, `tf.${full} is not followed`);
    }
    case 'losses':
    case 'metrics':
      return native(`tf.${full}`, (_args, site) =>
        evaluator.unknown(site.node, `what tf.${full} computes is not followed`),
      );
  }
  return evaluator.unknown(node, `tf.${full} is not followed`);
}

function memberOfRoot(evaluator: Evaluation, name: string, node: ts.Node): Value {
  switch (name) {
    case 'layers':
    case 'initializers':
    case 'regularizers':
    case 'constraints':
    case 'train':
    case 'losses':
    case 'metrics':
      return new TfNamespace(name);
    case 'default':
      return tfNamespace;
    case 'sequential':
    case 'Sequential':
      return native('tf.sequential', ([config], site) => createSequential(evaluator, config, site));
    case 'model':
    case 'LayersModel':
      return native('tf.model', ([config], site) => createModel(evaluator, config, site));
    case 'input':
    case 'Input':
      return inputFactory(evaluator);
    case 'tidy':
      return native('tf.tidy', (args, site) => {
        const body = args.find((arg) => arg instanceof FunctionValue);
        return body ? evaluator.call(body, [], site) : undefined;
      });
    case 'loadLayersModel':
      return native('tf.loadLayersModel', ([where], site) => loadLayersModel(evaluator, where, site));
    case 'loadGraphModel':
      return native('tf.loadGraphModel', (_, site) =>
        evaluator.unknown(site.node, 'a graph model has operations, but no layers', 'tf.loadGraphModel()'),
      );
    case 'io': {
      const io = new ObjectValue([['fileSystem', native('tf.io.fileSystem', ([path]) => fileHandler(path))]]);
      io.rest = evaluator.unknown(node, 'where tf.io loads from is not known', 'tf.io');
      return io;
    }
    case 'zeros':
    case 'ones':
    case 'randomNormal':
    case 'randomUniform':
    case 'truncatedNormal':
      return native(`tf.${name}`, ([shape]) => new DataTensor(toShape(evaluator, shape), `tf.${name}()`));
    case 'tensor':
    case 'tensor1d':
    case 'tensor2d':
    case 'tensor3d':
    case 'tensor4d':
    case 'tensor5d':
    case 'tensor6d':
      return native(`tf.${name}`, ([data, shape]) => {
        const known = dataShape(evaluator, data, shape);
        const rank = Number(/\d/.exec(name)?.[0]);
        return new DataTensor(known, `tf.${name}()`, rank || known?.length);
      });
    case 'models':
      return evaluator.unknown(node, 'models made of JSON are not followed', 'tf.models');
    case 'SymbolicTensor':
    case 'Tensor':
      return new ClassValue(name, undefined, undefined, undefined);
  }
  // Whatever else `tf` offers, it is no layer.
  return mistake(evaluator.unknown(node, `tf.${name} is not followed`, `tf.${name}`));
}

/**
 * `ModelGraph` as it travels between processes: the same structure with every symbolic size written out as text.
 * Validated on arrival by whoever receives it.
 */
import { z } from 'zod';
import type { ModelGraph } from '../model-graph/graph';

export const wireDim = z.union([z.number(), z.string(), z.null()]);
export const wireShape = z.array(wireDim);
export const wireQuantity = z.union([z.number(), z.string()]);

const position = z.object({ line: z.number(), character: z.number() });
export const wireRange = z.object({ start: position, end: position });
export const wireLocation = z.object({ path: z.string(), range: wireRange });

const verdict = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exact') }),
  z.object({ kind: z.literal('symbolic') }),
  z.object({ kind: z.literal('lost'), reason: z.string(), at: wireLocation.optional() }),
]);

const tensorReference = z.object({ layer: z.string(), call: z.number(), output: z.number() });

const layerCall = z.object({
  inbound: z.array(tensorReference),
  inputShapes: z.array(wireShape),
  outputShapes: z.array(wireShape),
  multiplyAccumulates: wireQuantity.nullable(),
  activationBytes: wireQuantity.nullable(),
  receptiveField: z
    .object({
      size: z.array(wireDim),
      stride: z.array(wireDim),
      offset: z.array(wireDim),
      every: z.array(z.number()).optional(),
      phase: z.array(z.number()).optional(),
      channelsFirst: z.boolean().optional(),
    })
    .nullable(),
  receptiveFieldUnknown: z.string().optional(),
  derivation: z.array(z.string()),
});

export const layerKind = z.enum([
  'input',
  'convolution',
  'pooling',
  'dense',
  'activation',
  'normalization',
  'regularization',
  'reshaping',
  'merge',
  'recurrent',
  'embedding',
  'preprocessing',
  'wrapper',
  'model',
  'custom',
]);

const layerNode = z.object({
  id: z.string(),
  name: z.string(),
  className: z.string(),
  kind: layerKind,
  config: z.record(z.string(), z.unknown()),
  location: wireLocation.optional(),
  calls: z.array(layerCall),
  weights: z.array(z.object({ name: z.string(), shape: wireShape, trainable: z.boolean() })),
  params: wireQuantity.nullable(),
  trainableParams: wireQuantity.nullable(),
  trainable: z.boolean(),
  verdict,
  groups: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['loop', 'function', 'model']),
      label: z.string(),
      run: z.number().optional(),
      round: z.number().optional(),
    }),
  ),
  get nested() {
    return wireModelGraph.optional();
  },
});

export const wireModelGraph = z.object({
  id: z.string(),
  format: z.literal('onnx').optional(),
  name: z.string(),
  kind: z.enum(['sequential', 'functional']),
  location: wireLocation.optional(),
  inputs: z.array(tensorReference),
  outputs: z.array(tensorReference),
  inputShapes: z.array(wireShape),
  outputShapes: z.array(wireShape),
  layers: z.array(layerNode),
  totals: z.object({
    params: wireQuantity.nullable(),
    trainableParams: wireQuantity.nullable(),
    nonTrainableParams: wireQuantity.nullable(),
    multiplyAccumulates: wireQuantity.nullable(),
    activationBytes: wireQuantity.nullable(),
  }),
  compile: z
    .object({
      optimizer: z.object({ className: z.string(), config: z.record(z.string(), z.unknown()) }).optional(),
      loss: z.unknown().optional(),
      metrics: z.unknown().optional(),
    })
    .optional(),
  verdict,
});

export type WireDim = z.infer<typeof wireDim>;
export type WireShape = z.infer<typeof wireShape>;
export type WireQuantity = z.infer<typeof wireQuantity>;
export type WireLocation = z.infer<typeof wireLocation>;
export type WireModelGraph = z.infer<typeof wireModelGraph>;
export type WireLayerNode = WireModelGraph['layers'][number];

/** Symbolic sizes become text (their `toJSON`); the rest is plain already. */
export function toWire(graph: ModelGraph): WireModelGraph {
  return JSON.parse(JSON.stringify(graph)) as WireModelGraph;
}

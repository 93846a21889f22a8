/**
 * Reads an ONNX file: every node becomes a layer, shapes are inferred from the operators (`onnx/inference.ts`), and
 * weights are counted but not looked at. Pure and total: bytes in, a model or one sentence that says what is wrong out.
 */

import { add, type Dim, isSymbolic, multiply, product, type Quantity, type Shape } from '../dims';
import type { LayerCall, LayerNode, ModelGraph, TensorReference, Verdict, Weight } from '../graph';
import { batchOf, perExample } from '../onnx/batch';
import { type InferredGraph, type InferredNode, inferShapes } from '../onnx/inference';
import type { AttributeMessage, GraphMessage, ModelMessage } from '../onnx/messages';
import { graphInputs, nodeNames } from '../onnx/names';
import { inputName, isConfiguring, isQuantizedWeight, isTrained, operatorKind } from '../onnx/operators';
import { Attributes, type Value } from '../onnx/operators/operator';
import { type NodeField, receptiveFields } from '../onnx/receptiveFields';
import { bytesPerElement, elementCount, elementTypeName, isFloatingPoint } from '../onnx/tensors';
import { decodeModel, MalformedFile } from '../onnx/wire';
import { inputReceptiveField } from '../receptiveField';
import { totalsOf } from '../totals';

export type OnnxResult = { ok: true; graph: ModelGraph } | { ok: false; message: string };

/** `id` becomes the graph's id. The message is a full sentence, without the file's name. */
export function readOnnx(bytes: Uint8Array, id = 'model'): OnnxResult {
  try {
    const model = decodeModel(bytes);
    return { ok: true, graph: new OnnxReader(model, checkedGraph(model)).read(id) };
  } catch (error) {
    if (error instanceof MalformedFile) return { ok: false, message: error.message };
    if (error instanceof RangeError)
      return { ok: false, message: 'The file is too large or nests too deeply.' };
    return { ok: false, message: `The model cannot be read: ${String(error)}.` };
  }
}

/** @throws MalformedFile for what is a protocol buffer, but no model. */
export function checkedGraph(model: ModelMessage): GraphMessage {
  const { graph } = model;
  if (!graph)
    throw new MalformedFile('The file holds no ONNX graph; it may be cut short, or not be an ONNX model.');
  if ((graph.node ?? []).length === 0)
    throw new MalformedFile('The ONNX graph in the file has no operators.');
  if ((graph.node ?? []).some(({ opType }) => !opType)) {
    throw new MalformedFile('The file has a node without an operator: it is damaged.');
  }
  return graph;
}

class OnnxReader {
  private readonly inferred: InferredGraph;
  private readonly batch: Quantity | null;
  private readonly names: string[];
  /** Who puts out a tensor. */
  private readonly producers = new Map<string, TensorReference>();
  /** Whose weights an initializer was counted with. */
  private readonly owners = new Map<string, string>();
  private readonly initializers;

  constructor(
    private readonly model: ModelMessage,
    private readonly graph: GraphMessage,
  ) {
    this.inferred = inferShapes(model, graph);
    this.batch = batchOf(graph, this.inferred);
    this.names = nodeNames(graph);
    this.initializers = new Map((graph.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]));
  }

  read(id: string): ModelGraph {
    const inputs = graphInputs(this.graph).map(({ name }) => name ?? '');
    const layers = inputs.map((name) => this.inputLayer(name));
    for (const [index, node] of this.inferred.nodes.entries()) {
      (node.message.output ?? []).forEach((name, output) => {
        if (name && !this.producers.has(name)) {
          this.producers.set(name, { layer: this.names[index]!, call: 0, output });
        }
      });
    }
    const fields = receptiveFields(this.inferred, inputs, this.names);
    this.inferred.nodes.forEach((node, index) => {
      layers.push(this.layer(node, this.names[index]!, fields[index]!));
    });
    const outputs = (this.graph.output ?? []).map(({ name }) => name ?? '');
    const lost = layers.find(({ verdict }) => verdict.kind === 'lost')?.verdict;
    const verdict: Verdict = lost ?? {
      kind: layers.some((layer) => layer.verdict.kind === 'symbolic') ? 'symbolic' : 'exact',
    };
    return {
      id,
      format: 'onnx',
      name: this.graph.name || this.model.producerName || 'model',
      kind: 'functional',
      inputs: inputs.flatMap((name) => this.producers.get(name) ?? []),
      outputs: outputs.flatMap((name) => this.producers.get(name) ?? []),
      inputShapes: this.shapes(inputs.map((name) => this.inferred.values.get(name))),
      outputShapes: this.shapes(outputs.map((name) => this.inferred.values.get(name))),
      layers,
      totals: totalsOf(layers),
      verdict,
    };
  }

  private inputLayer(name: string): LayerNode {
    const value = this.inferred.values.get(name);
    this.producers.set(name, { layer: name, call: 0, output: 0 });
    const dtype = elementTypeName(value?.elementType ?? 0);
    return this.node({
      name,
      className: 'InputLayer',
      kind: 'input',
      config: dtype ? { dtype } : {},
      values: value ? [value] : [],
      inbound: [],
      inputs: [],
      weights: [],
      notes: [],
      multiplyAccumulates: 0,
      seen: value?.shape
        ? { field: inputReceptiveField(value.shape) }
        : { field: null, unknown: 'its shape is not known' },
    });
  }

  private layer(
    { message, call, outputs, multiplyAccumulates, contradiction }: InferredNode,
    name: string,
    seen: NodeField,
  ): LayerNode {
    const opType = message.opType ?? '';
    const { weights, notes } = this.weightsOf(message.input ?? [], opType, name);
    return this.node({
      name,
      className: message.domain && message.domain !== 'ai.onnx' ? `${message.domain}.${opType}` : opType,
      kind: operatorKind(opType),
      config: Object.fromEntries(
        (message.attribute ?? []).map((each) => [each.name ?? '', plainAttribute(each)]),
      ),
      values: outputs.filter((value) => value !== undefined),
      inbound: (message.input ?? []).flatMap((input) => this.producers.get(input) ?? []),
      inputs: (message.input ?? []).flatMap((input, index) =>
        this.producers.has(input) ? [call.inputs[index]] : [],
      ),
      weights,
      notes,
      multiplyAccumulates,
      contradiction,
      seen,
    });
  }

  /** Each initializer counts once, with the first node that has it. */
  private weightsOf(
    inputs: readonly string[],
    opType: string,
    layer: string,
  ): { weights: Weight[]; notes: string[] } {
    const weights: Weight[] = [];
    const notes: string[] = [];
    for (const [index, input] of inputs.entries()) {
      const tensor = this.initializers.get(input);
      if (!tensor || isConfiguring(opType, index)) continue;
      if (!isFloatingPoint(tensor.dataType ?? 0) && !isQuantizedWeight(opType, index)) continue;
      const owner = this.owners.get(input);
      const name = inputName(opType, index) ?? input;
      if (owner === undefined) {
        this.owners.set(input, layer);
        weights.push({ name, shape: tensor.dims ?? [], trainable: isTrained(opType, index) });
      } else notes.push(`${name} is shared with ${owner}`);
    }
    return { weights, notes };
  }

  private node(parts: {
    name: string;
    className: string;
    kind: LayerNode['kind'];
    config: Record<string, unknown>;
    values: Value[];
    inbound: TensorReference[];
    inputs: (Value | undefined)[];
    weights: Weight[];
    notes: string[];
    multiplyAccumulates: Quantity | null;
    contradiction?: string;
    seen: NodeField;
  }): LayerNode {
    const { name, className, kind, config, values, inbound, weights, notes, contradiction } = parts;
    const unknown = values.find(({ shape }) => shape === null);
    const call: LayerCall = {
      inbound,
      inputShapes: this.shapes(parts.inputs),
      outputShapes: unknown ? [] : this.shapes(values),
      multiplyAccumulates: this.countPerExample(parts.multiplyAccumulates),
      activationBytes: unknown ? null : this.bytesOf(values),
      receptiveField: parts.seen.field,
      ...(parts.seen.unknown === undefined ? {} : { receptiveFieldUnknown: parts.seen.unknown }),
      derivation: notes,
    };
    const countOf = (which: (weight: Weight) => boolean) =>
      weights.filter(which).reduce((total, { shape }) => total + elementCount(shape as number[]), 0);
    const params = countOf(() => true);
    return {
      id: name,
      name,
      className,
      kind,
      config,
      calls: [call],
      weights,
      params: Number.isSafeInteger(params) ? params : null,
      trainableParams: Number.isSafeInteger(params) ? countOf(({ trainable }) => trainable) : null,
      trainable: true,
      verdict: verdictOf(unknown, contradiction, call.outputShapes),
      groups: [],
    };
  }

  /** Those that are known. Sizes without a name become open. */
  private shapes(values: (Value | undefined)[]): Shape[] {
    return values.flatMap((value) => (value?.shape ? [value.shape.map((size) => this.dim(size))] : []));
  }

  private dim(size: Quantity): Dim {
    return isSymbolic(size) && this.inferred.isOpen(size) ? null : size;
  }

  private countPerExample(all: Quantity | null): Quantity | null {
    if (all === null) return null;
    const one = perExample(all, this.batch);
    return one === null || (isSymbolic(one) && this.inferred.isOpen(one)) ? null : one;
  }

  private bytesOf(values: Value[]): Quantity | null {
    let total: Quantity = 0;
    for (const { shape, elementType } of values) {
      const count: Quantity | null = this.countPerExample(product(shape!));
      if (count === null) return null;
      total = add(total, multiply(count, bytesPerElement(elementType)));
    }
    return total;
  }
}

function verdictOf(unknown: Value | undefined, contradiction: string | undefined, shapes: Shape[]): Verdict {
  if (contradiction) return { kind: 'lost', reason: `the file contradicts itself: ${contradiction}` };
  if (unknown) return { kind: 'lost', reason: unknown.reason ?? 'its shape is not known' };
  return shapes.some((shape) => shape.some(isSymbolic)) ? { kind: 'symbolic' } : { kind: 'exact' };
}

/** An attribute as people read it; of tensors and graphs only what they are. */
function plainAttribute(attribute: AttributeMessage): unknown {
  const { name = '', t, g, ints, floats, strings } = attribute;
  if (t) return `‹tensor [${(t.dims ?? []).join(', ')}]›`;
  if (g) return `‹graph of ${(g.node ?? []).length} nodes›`;
  if (attribute.s) return new Attributes([attribute]).text(name);
  if (strings && strings.length > 0) return strings.map((bytes) => new TextDecoder().decode(bytes));
  if (ints && ints.length > 0) return ints;
  if (floats && floats.length > 0) return floats.map(shortNumber);
  if (attribute.f !== undefined && attribute.type !== 2) return shortNumber(attribute.f);
  return attribute.i ?? (attribute.ints || attribute.floats ? [] : 0);
}

/** 0.10000000149011612 is how float32 has 0.1. */
function shortNumber(value: number): number {
  return Number(value.toPrecision(7));
}

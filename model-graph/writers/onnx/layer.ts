/** What a converter of a layer works with. */
import type { GraphBuilder, Tensor } from './builder';
import { type ExportedLayer, type ExportedModel, type ExportedWeight, NotExpressible } from './exportedModel';

/** Writes one call of a layer. @returns its outputs @throws NotExpressible */
export type Converter = (call: LayerCall) => Tensor[];

export class LayerCall {
  constructor(
    readonly graph: GraphBuilder,
    readonly layer: ExportedLayer,
    readonly inputs: Tensor[],
    /** The mask that tfjs hands to this layer, where there is one. */
    readonly mask: Tensor | undefined,
    /** Writes what a wrapper wraps. */
    readonly convert: (part: ExportedLayer | ExportedModel, inputs: Tensor[], mask?: Tensor) => Tensor[],
  ) {}

  /** The only, or the first, input, as float32: tfjs computes with nothing else. */
  get input(): Tensor {
    return this.graph.asFloat(this.inputs[0]!);
  }

  weight(name: string): ExportedWeight | undefined {
    return this.layer.weights.find((weight) => weight.name === name);
  }

  /** @throws NotExpressible when it is not there */
  requiredWeight(name: string): ExportedWeight {
    const weight = this.weight(name) ?? this.refuse(`its weight \`${name}\` is missing`);
    if (weight.values.length === 0) this.refuse(`its weight \`${name}\` is empty`);
    return weight;
  }

  text(key: string, fallback: string): string {
    const value = this.layer.config[key];
    return typeof value === 'string' ? value : fallback;
  }

  number(key: string, fallback: number): number {
    const value = this.layer.config[key];
    return typeof value === 'number' ? value : fallback;
  }

  flag(key: string): boolean {
    return this.layer.config[key] === true;
  }

  /** A list of numbers; one number stands for `length` of them. @throws NotExpressible for a list of another length */
  numbers(key: string, length: number, fallback: number): number[] {
    const value = this.layer.config[key];
    if (Array.isArray(value)) {
      if (value.length === length) return value.map(Number);
      this.refuse(`its ${key} has ${value.length} numbers instead of ${length}`);
    }
    return Array(length).fill(typeof value === 'number' ? value : fallback);
  }

  part(key: string): ExportedLayer | ExportedModel {
    const part = this.layer.parts[key];
    if (!part || Array.isArray(part)) this.refuse(`it has no \`${key}\``);
    return part as ExportedLayer | ExportedModel;
  }

  get isChannelsFirst(): boolean {
    const format = this.text('dataFormat', 'channelsLast');
    if (format !== 'channelsLast' && format !== 'channelsFirst')
      this.refuse(`its dataFormat \`${format}\` is not known`);
    return format === 'channelsFirst';
  }

  refuse(why: string): never {
    throw new NotExpressible(this.layer.name, this.layer.className, why);
  }
}

/** The shapes of every tensor of an ONNX graph, from its inputs, initializers and operators. Runs nothing. */
import { equalDims, equalShapes, isSymbolic, type Quantity, type Symbolic, symbol } from '../dims';
import type { GraphMessage, ModelMessage, NodeMessage, TypeMessage } from './messages';
import { isOwnDomain, operatorRule } from './operators';
import { multiplyAccumulatesOf } from './operators/matrices';
import { Attributes, type OperatorCall, ShapeLost, type Value } from './operators/operator';
import { elementTypeName, readNumbers } from './tensors';

export interface InferredNode {
  message: NodeMessage;
  call: OperatorCall;
  /** One for each output name; undefined where the optional output is left out. */
  outputs: (Value | undefined)[];
  /** Multiplications with a weight, for the whole batch. */
  multiplyAccumulates: Quantity | null;
  /** What contradicts the file's own statement. */
  contradiction?: string;
}

export interface InferredGraph {
  values: ReadonlyMap<string, Value>;
  nodes: InferredNode[];
  /** Sizes that have no name: open, as the batch of a tfjs model. */
  isOpen(size: Symbolic): boolean;
}

/** No file needs a character like that in a name. */
const openPrefix = '\u0000open';

export function inferShapes(model: ModelMessage, graph: GraphMessage): InferredGraph {
  return new Inference(model, graph).run();
}

class Inference {
  private readonly values = new Map<string, Value>();
  /** What is the same for every input: initializers, constants, and what is computed from them alone. */
  private readonly weights = new Set<string>();
  private readonly versions: Map<string, number>;
  private openSizes = 0;

  constructor(
    model: ModelMessage,
    private readonly graph: GraphMessage,
  ) {
    this.versions = new Map(
      (model.opsetImport ?? []).map(({ domain, version }) => [
        isOwnDomain(domain ?? '') ? '' : (domain ?? ''),
        version ?? 1,
      ]),
    );
  }

  run(): InferredGraph {
    const { input, initializer, node, sparseInitializer } = this.graph;
    for (const { name, type } of input ?? []) this.values.set(name ?? '', this.declared(type));
    for (const tensor of initializer ?? []) {
      const numbers = readNumbers(tensor);
      this.weights.add(tensor.name ?? '');
      this.values.set(tensor.name ?? '', {
        elementType: tensor.dataType ?? 0,
        shape: tensor.dims ?? [],
        ...(numbers ? { numbers } : {}),
      });
    }
    for (const { values, dims } of sparseInitializer ?? []) {
      this.weights.add(values?.name ?? '');
      this.values.set(values?.name ?? '', { elementType: values?.dataType ?? 0, shape: dims ?? [] });
    }
    const stated = this.statedTypes();
    const nodes = (node ?? []).map((message) => this.node(message, stated));
    return {
      values: this.values,
      nodes,
      isOpen: (size) => size.names.some((name) => name.startsWith(openPrefix)),
    };
  }

  private openSize = (): Quantity => symbol(`${openPrefix}${this.openSizes++}`);

  /** The type of an input or output as the file says it. */
  private declared(type: TypeMessage | undefined): Value {
    const tensor = type?.tensorType;
    if (!tensor) {
      return {
        elementType: 0,
        shape: null,
        reason: type ? 'it is no tensor' : 'the file does not tell its type',
      };
    }
    if (!tensor.shape) {
      return { elementType: tensor.elemType ?? 0, shape: null, reason: 'the file does not tell its shape' };
    }
    const shape = (tensor.shape.dim ?? []).map(({ dimValue, dimParam }) => {
      if (dimParam) return symbol(dimParam);
      // A size of 0 or less is written by some programs where the size is open.
      return dimValue !== undefined && dimValue > 0 ? dimValue : dimValue === 0 ? 0 : this.openSize();
    });
    return { elementType: tensor.elemType ?? 0, shape };
  }

  private statedTypes(): Map<string, TypeMessage> {
    const { valueInfo, output } = this.graph;
    return new Map(
      [...(output ?? []), ...(valueInfo ?? [])].flatMap(({ name, type }) =>
        name && type ? [[name, type]] : [],
      ),
    );
  }

  private node(message: NodeMessage, stated: Map<string, TypeMessage>): InferredNode {
    const domain = message.domain ?? '';
    const opType = message.opType ?? '';
    const names = message.output ?? [];
    const call: OperatorCall = {
      opType,
      version: this.versions.get(isOwnDomain(domain) ? '' : domain) ?? 1,
      inputs: (message.input ?? []).map((name) =>
        name === ''
          ? undefined
          : (this.values.get(name) ?? {
              elementType: 0,
              shape: null,
              reason: `nothing puts out \`${name}\``,
            }),
      ),
      attributes: new Attributes(message.attribute),
      outputCount: names.length,
      openSize: this.openSize,
    };
    const inferred = this.outputsOf(call, domain).map(bounded);
    const given = (message.input ?? []).filter((name) => name !== '');
    if (opType === 'Constant' || (given.length > 0 && given.every((name) => this.weights.has(name)))) {
      for (const name of names) this.weights.add(name);
    }
    const result: InferredNode = { message, call, outputs: [], multiplyAccumulates: null };
    result.outputs = names.map((name, index) => {
      if (name === '') return undefined;
      const own = inferred[index] ?? {
        elementType: 0,
        shape: null,
        reason: `${opType} has no output ${index}`,
      };
      const type = stated.get(name);
      const { value, contradiction } = type
        ? this.reconciled(own, type)
        : { value: own, contradiction: undefined };
      result.contradiction ??= contradiction;
      // Names are unique in a valid file; in a broken one the first stays.
      if (!this.values.has(name)) this.values.set(name, value);
      return value;
    });
    result.multiplyAccumulates = operatorRule(domain, opType)
      ? multiplyAccumulatesOf(
          call,
          result.outputs.map((value) => value ?? { elementType: 0, shape: null }),
          (index) => this.isWeight(message.input?.[index] ?? ''),
        )
      : null;
    return result;
  }

  private isWeight(name: string): boolean {
    return this.weights.has(name);
  }

  private outputsOf(call: OperatorCall, domain: string): Value[] {
    const lost = (reason: string): Value[] =>
      Array.from({ length: call.outputCount }, () => ({ elementType: 0, shape: null, reason }));
    const rule = operatorRule(domain, call.opType);
    if (!rule) {
      return lost(
        isOwnDomain(domain)
          ? `the operator ${call.opType} is not followed`
          : `${call.opType} is an operator of \`${domain}\`, which is not followed`,
      );
    }
    try {
      return rule(call);
    } catch (error) {
      if (error instanceof ShapeLost) return lost(error.message);
      throw error;
    }
  }

  /** What the operator gives, and what the file says: the one fills the gaps of the other. */
  private reconciled(own: Value, type: TypeMessage): { value: Value; contradiction?: string } {
    const said = this.declared(type);
    if (!said.shape) return { value: own.elementType ? own : { ...own, elementType: said.elementType } };
    if (!own.shape) return { value: { ...said, numbers: own.numbers } };
    if (own.elementType && said.elementType && own.elementType !== said.elementType) {
      return {
        value: own,
        contradiction: `the file says ${elementTypeName(said.elementType)}, the operator gives ${elementTypeName(own.elementType)}`,
      };
    }
    if (equalShapes(own.shape, said.shape) === false) {
      return {
        value: own,
        contradiction: `the file says [${said.shape.join(', ')}], the operator gives [${own.shape.join(', ')}]`,
      };
    }
    const shape = own.shape.map((size, axis) => {
      const other = said.shape![axis]!;
      return isSymbolic(size) && equalDims(size, other) !== true && !isSymbolic(other) ? other : size;
    });
    return { value: { ...own, elementType: own.elementType || said.elementType, shape } };
  }
}

/** A formula that nobody could read tells nothing, and growing it further would take ever more time. */
const longestFormula = 400;

function bounded(value: Value): Value {
  const tooLong = (size: Quantity | null) => isSymbolic(size) && size.key.length > longestFormula;
  const numbers = value.numbers?.some(tooLong)
    ? value.numbers.map((number) => (tooLong(number) ? null : number))
    : value.numbers;
  if (value.shape?.some(tooLong)) {
    return { elementType: value.elementType, shape: null, reason: 'the formula of its size is too long' };
  }
  return { ...value, numbers };
}

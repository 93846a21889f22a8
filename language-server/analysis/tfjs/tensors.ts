/** Members of symbolic tensors, and of tensors that hold data. */
import type ts from 'typescript';
import type { SymbolicTensor } from '../../../model-graph/wired';
import type { Evaluation } from '../evaluator/evaluation';
import { shortText } from '../evaluator/syntax';
import { ArrayValue, type DataTensor, UnknownValue, type Value } from '../values';

export function memberOfTensor(
  evaluator: Evaluation,
  tensor: SymbolicTensor,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  switch (name) {
    case 'shape':
      if (tensor.shape) return { value: new ArrayValue(tensor.shape.slice()) };
      return {
        value: new UnknownValue(
          shortText(node),
          tensor.lost?.reason ?? 'this shape is not known',
          tensor.lost?.at,
        ),
      };
    case 'rank':
      return {
        value: tensor.shape
          ? tensor.shape.length
          : evaluator.unknown(node, tensor.lost?.reason ?? 'this shape is not known'),
      };
    case 'name':
      return { value: tensor.name };
    case 'dtype':
      return { value: 'float32' };
    case 'sourceLayer':
      return { value: tensor.layer };
  }
  return undefined;
}

export function memberOfData(
  evaluator: Evaluation,
  tensor: DataTensor,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  const { shape, rank } = tensor;
  if (name === 'shape' && shape && !shape.includes(0) && shape.length === rank)
    return { value: new ArrayValue(shape.slice()) };
  if (name === 'shape' && rank) {
    const owner = shortText(node).replace(/\.shape$/, '');
    tensor.sizes ??= Array.from(
      { length: rank },
      (_, axis) =>
        new UnknownValue(
          `${owner}.shape[${axis}]`,
          `how much data \`${owner}\` holds is not known`,
          evaluator.locate(node),
          'number',
        ),
    );
    return { value: new ArrayValue(tensor.sizes.slice()) };
  }
  if (name === 'rank' && rank) return { value: rank };
  if (name === 'then' || name === 'catch' || name === 'finally') return undefined;
  return { value: evaluator.unknown(node, 'what is computed with data is not followed') };
}

/** Embedding. Mirrors tfjs-layers layers/embeddings.ts. */
import { type Dim, equalDims, formatShape, isSymbolic, type Quantity, type Shape } from '../dims';
import { formatValue, type InitializerUse, known, Lost, unknownSize } from './config';
import { defineRule } from './define';
import { type ConfigValue, type LayerRule, Unknown } from './rule';

interface EmbeddingOptions {
  inputDim: Quantity | Lost;
  outputDim: Quantity | Lost;
  inputLength: Dim[] | Lost | null;
  initializer: InitializerUse;
}

function readLengths(value: ConfigValue): Dim[] | Lost | null {
  if (value == null) return null;
  if (value instanceof Unknown) {
    return value.type === 'number' ? [known(unknownSize(value))] : new Lost(value.reason, value.at);
  }
  const list: ConfigValue[] = Array.isArray(value) ? value : [value];
  const lengths: Dim[] = [];
  for (const item of list) {
    const length = item instanceof Unknown ? unknownSize(item) : item;
    if (length instanceof Lost) return length;
    if (length == null) lengths.push(null);
    else if (typeof length === 'number' || isSymbolic(length)) lengths.push(length);
    else return new Lost(`\`inputLength\` is ${formatValue(value)}`);
  }
  return lengths;
}

const embedding = defineRule<EmbeddingOptions>({
  className: 'Embedding',
  factories: ['embedding'],
  kind: 'embedding',
  inputs: 'one',
  read(reader) {
    const options = {
      inputDim: reader.positiveSize('inputDim'),
      outputDim: reader.positiveSize('outputDim'),
      inputLength: readLengths(reader.value('inputLength')),
      initializer: reader.initializer('embeddingsInitializer', 'randomUniform'),
    };
    reader.regularizer('embeddingsRegularizer', 'activityRegularizer');
    reader.constraint('embeddingsConstraint');
    return options;
  },
  outputShapes({ inputLength, outputDim }, call) {
    const lengths = inputLength === null ? null : known(inputLength);
    if (lengths === null) return [[...call.shape, known(outputDim)]];
    const [batch, ...sizes] = call.shape as [Dim, ...Dim[]];
    const mismatch = () =>
      call.reject(
        'shape-mismatch',
        `embedding has \`inputLength\` ${formatShape(lengths)}, but its input is ${formatShape(call.shape, { batch: false })}. Make them agree, or leave \`inputLength\` out.`,
      );
    if (lengths.length !== sizes.length) mismatch();
    const merged: Shape = lengths.map((length, index) => {
      const size = sizes[index] as Dim;
      if (length !== null && size !== null && equalDims(length, size) === false) mismatch();
      return length ?? size;
    });
    return [[batch, ...merged, known(outputDim)]];
  },
  weights: ({ inputDim, outputDim, initializer }) => [
    { name: 'embeddings', shape: [known(inputDim), known(outputDim)], trainable: true, initializer },
  ],
});

export const embeddingRules: LayerRule[] = [embedding];

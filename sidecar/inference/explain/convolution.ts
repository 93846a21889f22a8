/** Σ patch ⊙ kernel + bias → activation. */
import { weightsOf } from '../tfjsNetwork';
import { numericWindow, windowAt } from '../windows';
import { activate, activationName } from './activate';
import { at, type Cell, type CellArithmetic, shortNumber } from './cell';

export async function explainConvolution(cell: Cell): Promise<CellArithmetic | undefined> {
  const { layer, index } = cell;
  const depthwise = layer.className === 'DepthwiseConv2D';
  if (layer.className !== 'Conv2D' && !depthwise) return undefined;
  if (layer.layer.getConfig()['dataFormat'] === 'channelsFirst') return undefined;
  // It needs the other channels' sums, too.
  if (activationName(layer.layer) === 'softmax') return undefined;
  const input = cell.inputs[0]!;
  const size = numericWindow(layer.layer, [[1, ...input.shape]]);
  const weights = await weightsOf(layer.layer);
  const kernel = weights.get('kernel') ?? weights.get('depthwise_kernel');
  if (!size || !kernel) return undefined;
  const [row, column, filter] = index as [number, number, number];
  const window = windowAt(size, [row, column]);
  const [height, width] = size.size as [number, number];
  const dilation: [number, number] = [size.dilation[0]!, size.dilation[1]!];
  const inputChannels = input.shape[2]!;
  // A depthwise filter sees one channel: filter = channel · multiplier + which of its filters.
  const filters = cell.output.shape[2]!;
  const multiplier = depthwise ? filters / inputChannels : 0;
  const channels = depthwise ? [Math.floor(filter / multiplier)] : range(inputChannels);
  const patch: number[] = [];
  const filterValues: number[] = [];
  const channelSums = new Array<number>(channels.length).fill(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const [i, channel] of channels.entries()) {
        const value = at(input, [window.top + y * dilation[0], window.left + x * dilation[1], channel]);
        const place = (y * width + x) * inputChannels + channel;
        const weight =
          kernel[depthwise ? place * multiplier + (filter % multiplier) : place * filters + filter] ?? 0;
        patch.push(value);
        filterValues.push(weight);
        channelSums[i]! += value * weight;
      }
    }
  }
  const bias = weights.get('bias')?.[filter] ?? 0;
  const products = channelSums.reduce((total, value) => total + value, 0);
  const sum = products + bias;
  const activation = activationName(layer.layer);
  const computed = await activate(activation, sum);
  const added = `${shortNumber(products)} ${bias < 0 ? '−' : '+'} ${shortNumber(Math.abs(bias))}`;
  return {
    kind: 'convolution',
    window,
    dilation,
    channels: channels.length,
    firstChannel: channels[0] ?? 0,
    patch,
    kernel: filterValues,
    channelSums,
    bias,
    sum,
    activation,
    computed,
    formula:
      activation === 'linear'
        ? `${added} = ${shortNumber(computed)}`
        : `${activation}(${added}) = ${activation}(${shortNumber(sum)}) = ${shortNumber(computed)}`,
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/**
 * A convolution's cell: patch ⊙ kernel for each channel that is read, their sums added up, the bias, the activation.
 * Of many channels, those that contribute most are shown one by one, the rest as one sum.
 */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { formatSizes, formatValue, plural } from '../../../shared/format';
import { rangeOf } from '../../../shared/maps';
import { Matrix } from './Matrix';
import { PlayerControls } from './PlayerControls';
import { usePlayer } from './player';
import { Result } from './Result';
import { SignedBar } from './SignedBar';
import { type ExplanationProps, inputIndex, inputSizes, subjectOf } from './types';

const channelsShown = 16;
/** The first channel's products are made one after the other, unless that would take forever. */
const productsShown = 49;

export function Convolution({ cell, explanation, onWalk }: ExplanationProps<'convolution'>): VNode {
  const { window, dilation, channels, firstChannel, patch, kernel, channelSums, bias, activation, sum } =
    explanation;
  const columns = Math.ceil(window.width / dilation[1]);
  const rows = Math.ceil(window.height / dilation[0]);
  const cells = rows * columns;

  const order = useMemo(() => {
    const all = channelSums.map((_, channel) => channel);
    if (all.length <= channelsShown) return all;
    all.sort((a, b) => Math.abs(channelSums[b]!) - Math.abs(channelSums[a]!));
    return all.slice(0, channelsShown);
  }, [channelSums]);
  const rest = channels - order.length;
  const restSum = channelSums.reduce((total, value) => total + value, 0) - total(order, channelSums);

  const products = cells > 0 && cells <= productsShown ? cells : 1;
  const hasActivation = activation !== 'linear';
  const afterFirst = products + (order.length - 1);
  const steps = afterFirst + (rest > 0 ? 1 : 0) + 1 + (hasActivation ? 1 : 0);
  const player = usePlayer(steps, subjectOf(cell));
  const { step } = player;
  /** How many of `order` are summed up completely. */
  const done = step < products ? 0 : Math.min(order.length, step - products + 1);
  const isRestDone = rest > 0 && step > afterFirst;
  const isBiasDone = step > afterFirst + (rest > 0 ? 1 : 0);

  const [picked, setPicked] = useState<{ subject: string; position: number }>();
  const isAtEnd = step === steps;
  const position =
    picked?.subject === subjectOf(cell) && isAtEnd
      ? picked.position
      : isAtEnd
        ? 0
        : Math.min(done, order.length - 1);
  const channel = order[position]!;
  const slice = (values: readonly number[]) =>
    Array.from({ length: cells }, (_, i) => values[i * channels + channel]!);
  const [patchSlice, kernelSlice] = [slice(patch), slice(kernel)];
  const productSlice = patchSlice.map((value, i) => value * kernelSlice[i]!);
  const productsDone = position < done ? cells : position === 0 && products > 1 ? step : 0;
  const ranges = useMemo(
    () => ({ patch: rangeOf(patch.map(point)), kernel: rangeOf(kernel.map(point)) }),
    [patch, kernel],
  );
  const { height, width } = inputSizes(explanation);
  const placeOf = (i: number) => ({
    row: window.top + Math.floor(i / columns) * dilation[0],
    column: window.left + (i % columns) * dilation[1],
  });
  const isOutside = (i: number) => {
    const { row, column } = placeOf(i);
    return row < 0 || column < 0 || row >= height || column >= width;
  };
  const running =
    total(order.slice(0, done), channelSums) + (isRestDone ? restSum : 0) + (isBiasDone ? bias : 0);
  const partial = productSlice.slice(0, productsDone).reduce((a, b) => a + b, 0);
  return (
    <div class="explanation">
      <p>{introduction(explanation, rows, columns)}</p>
      <PlayerControls player={player} />
      {cells > 0 && (
        <div class="matrices" aria-live="off">
          <Matrix
            title={`Patch, channel ${channel + firstChannel}`}
            columns={columns}
            values={patchSlice}
            range={ranges.patch}
            colors="viridis"
            isOutside={isOutside}
            marked={productsDone > 0 && productsDone < cells ? productsDone - 1 : undefined}
            onPick={(i) => {
              const { row, column } = placeOf(i);
              onWalk({
                layer: explanation.inputLayer,
                index: inputIndex(explanation, row, column, channel + firstChannel),
              });
            }}
          />
          <span class="operator" title="times, cell by cell">
            ⊙
          </span>
          <Matrix
            title="Kernel"
            columns={columns}
            values={kernelSlice}
            range={ranges.kernel}
            colors="diverging"
            marked={productsDone > 0 && productsDone < cells ? productsDone - 1 : undefined}
          />
          <span class="operator">=</span>
          <Matrix
            title="Products"
            columns={columns}
            values={productSlice}
            range={rangeOf(productSlice.map(point))}
            colors="diverging"
            isHidden={(i) => i >= productsDone}
            marked={productsDone > 0 && productsDone < cells ? productsDone - 1 : undefined}
          />
          <span class="operator number">
            Σ = {formatValue(position < done ? channelSums[channel]! : partial)}
          </span>
        </div>
      )}
      <table class="data sums" aria-label="Sums of the channels">
        <tbody>
          {order.map((number, i) => (
            <SumRow
              key={number}
              label={
                <button
                  type="button"
                  class="link"
                  aria-pressed={i === position}
                  onClick={() => {
                    player.go(steps);
                    setPicked({ subject: subjectOf(cell), position: i });
                  }}
                >
                  channel {number + firstChannel}
                </button>
              }
              value={channelSums[number]!}
              largest={largestOf(channelSums, bias)}
              isDone={i < done}
              isCurrent={i === position}
            />
          ))}
          {rest > 0 && (
            <SumRow
              label={`${plural(rest, 'other channel')}`}
              value={restSum}
              largest={largestOf(channelSums, bias)}
              isDone={isRestDone}
            />
          )}
          <SumRow label="bias" value={bias} largest={largestOf(channelSums, bias)} isDone={isBiasDone} />
          <tr class="total">
            <th scope="row">sum{isBiasDone ? '' : ' so far'}</th>
            <td class="right number">{formatValue(isBiasDone ? sum : running)}</td>
            <td />
          </tr>
        </tbody>
      </table>
      <Result explanation={explanation} isDone={isAtEnd} />
    </div>
  );
}

function SumRow(props: {
  label: VNode | string;
  value: number;
  largest: number;
  isDone: boolean;
  isCurrent?: boolean;
}): VNode {
  const { label, value, largest, isDone, isCurrent = false } = props;
  return (
    <tr class={[isCurrent && 'current', !isDone && 'pending'].filter(Boolean).join(' ')}>
      <th scope="row">{label}</th>
      <td class="right number">{isDone ? formatValue(value) : '…'}</td>
      <td class="bar-cell">{isDone && <SignedBar value={value} largest={largest} />}</td>
    </tr>
  );
}

/** What is multiplied with what, in a sentence. */
function introduction(
  explanation: ExplanationProps<'convolution'>['explanation'],
  rows: number,
  columns: number,
): string {
  const { className, channels, firstChannel, dilation } = explanation;
  const inputName = explanation.inputLayer || 'the picture';
  const all = inputSizes(explanation).channels;
  const through =
    channels === all
      ? `through ${plural(channels, 'channel')}`
      : channels === 1
        ? `channel ${firstChannel} of ${all} alone`
        : `channels ${firstChannel} … ${firstChannel + channels - 1} of ${all}`;
  if (className.includes('Transpose')) {
    return rows * columns === 0
      ? `No cell of ${inputName} reaches this one: its stride is larger than its kernel. The bias alone is left.`
      : `The ${formatSizes([rows, columns])} cells of ${inputName} whose kernels reach this one, ${through}, times the cell of the kernel that falls on it: each product, summed.`;
  }
  const kernel = className.startsWith('Separable')
    ? 'the kernel that depthwise and pointwise weights make together'
    : 'the kernel';
  const gaps = dilation[0] * dilation[1] > 1 ? `, every ${dilation.join('×')}th cell (dilated)` : '';
  return `A ${formatSizes([rows, columns])} window of ${inputName}, ${through}, times ${kernel}${gaps}: each product, summed.`;
}

function total(channels: readonly number[], sums: readonly number[]): number {
  return channels.reduce((result, channel) => result + sums[channel]!, 0);
}

function largestOf(sums: readonly number[], bias: number): number {
  return sums.reduce((most, value) => Math.max(most, Math.abs(value)), Math.abs(bias));
}

function point(value: number): { min: number; max: number } {
  return { min: value, max: value };
}

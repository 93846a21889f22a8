/** A pooling's cell: the largest of its window, or the mean. */
import type { VNode } from 'preact';
import { formatSizes, formatValue, plural } from '../../../shared/format';
import { rangeOf } from '../../../shared/maps';
import { Matrix } from './Matrix';
import { PlayerControls } from './PlayerControls';
import { usePlayer } from './player';
import { Result } from './Result';
import { channelOf, type ExplanationProps, inputIndex, subjectOf } from './types';

/** Of larger windows (global pooling) the cells are not gone through one by one. */
const cellsShown = 81;

export function Pooling({ cell, explanation, onWalk }: ExplanationProps<'pooling'>): VNode {
  const { window, operation, patch, inside, winner } = explanation;
  const count = patch.length;
  const each = count <= cellsShown ? 1 : count;
  const player = usePlayer(Math.ceil(count / each), subjectOf(cell));
  const seen = Math.min(count, player.step * each);
  const isAtEnd = player.step === player.count;
  const values = patch.slice(0, seen).filter((_, i) => inside[i]);
  const [row = 0, column = 0] = [window.top, window.left];
  const soFar =
    operation === 'max'
      ? values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
      : values.reduce((sum, value) => sum + value, 0);
  const best = isAtEnd && operation === 'max' ? winner : undefined;
  const channel = channelOf(cell, explanation);
  const outside = explanation.countsPadding ? 'count as zeros, where they are padding' : 'do not count';
  const insideCount = inside.filter(Boolean).length;
  return (
    <div class="explanation">
      <p>
        {operation === 'max' ? 'The largest' : 'The mean'} of a {formatSizes([window.height, window.width])}{' '}
        window of {explanation.inputLayer || 'the picture'}, channel {channel}
        {insideCount < count && `; ${plural(count - insideCount, 'cell')} outside of it ${outside}`}.
      </p>
      <PlayerControls player={player} />
      <div class="matrices">
        <Matrix
          title="Window"
          columns={window.width}
          values={patch}
          range={rangeOf(patch.map((value) => ({ min: value, max: value })))}
          colors="viridis"
          isHidden={(i) => i >= seen}
          isOutside={(i) => !inside[i]}
          marked={best ?? (isAtEnd ? undefined : seen - 1)}
          onPick={(i) =>
            onWalk({
              layer: explanation.inputLayer,
              index: inputIndex(
                explanation,
                row + Math.floor(i / window.width),
                column + (i % window.width),
                channel,
              ),
            })
          }
        />
        <span class="operator number">
          {values.length === 0
            ? ''
            : `${operation === 'max' ? 'largest' : 'sum'}${isAtEnd ? '' : ' so far'} ${formatValue(soFar)}`}
        </span>
      </div>
      <Result explanation={explanation} isDone={isAtEnd} />
    </div>
  );
}

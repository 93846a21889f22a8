/** The last line of every explanation: the arithmetic, and that it gives what the layer put out. */
import type { VNode } from 'preact';
import type { ExplainCellResult } from '../../../../protocol/sidecar';
import { formatValue } from '../../../shared/format';

/** Sums in another order differ in the last digits of float32. */
const tolerance = 1e-3;

export function Result({ explanation, isDone }: { explanation: ExplainCellResult; isDone: boolean }): VNode {
  const { formula, value, computed } = explanation;
  const agrees =
    Math.abs(value - computed) <= tolerance * Math.max(1, Math.abs(value)) || Object.is(value, computed);
  return (
    <p class={isDone ? 'result' : 'result pending'} aria-hidden={!isDone}>
      <span class="number formula">{formula}</span>
      <span class="muted">
        {agrees
          ? `the layer put out ${formatValue(value)}`
          : `but the layer put out ${formatValue(value)}: the arithmetic shown here is not all of it`}
      </span>
    </p>
  );
}

import type { VNode } from 'preact';

/** From the middle to the left below zero, to the right above. */
export function SignedBar({ value, largest }: { value: number; largest: number }): VNode {
  const share = largest > 0 ? (Math.abs(value) / largest) * 50 : 0;
  return (
    <span class="signed-track" aria-hidden="true">
      <span
        hidden={value === 0}
        class={value < 0 ? 'signed-bar negative' : 'signed-bar'}
        style={{ left: `${value < 0 ? 50 - share : 50}%`, width: `${share}%` }}
      />
    </span>
  );
}

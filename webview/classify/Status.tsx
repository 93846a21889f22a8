/** What is under way, or what failed. */
import type { VNode } from 'preact';
import { ProgressRing } from '../shared/controls';
import { Icon } from '../shared/icons';

export type StatusOf =
  | { kind: 'idle' }
  | { kind: 'working'; message: string }
  | { kind: 'failed'; message: string };

export function Status({ status }: { status: StatusOf }): VNode {
  return (
    <div class="live" aria-live="polite">
      {status.kind === 'working' && (
        <p class="working">
          <ProgressRing label="Working" />
          {status.message}
        </p>
      )}
      {status.kind === 'failed' && (
        <p class="notice error">
          <Icon name="error" />
          <span>{status.message}</span>
        </p>
      )}
    </div>
  );
}

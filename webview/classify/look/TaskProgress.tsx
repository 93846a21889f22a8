import type { VNode } from 'preact';
import { Button } from '../../shared/controls';
import { Icon } from '../../shared/icons';
import type { Task } from './useTask';

/** How far long work is, with a button that stops it; or why it failed. */
export function TaskProgress({ task, label }: { task: Task<unknown>; label: string }): VNode | null {
  const { progress, failure } = task;
  if (failure !== undefined) {
    return (
      <p class="notice error" role="alert">
        <Icon name="error" />
        <span>{failure}</span>
      </p>
    );
  }
  if (!progress) return null;
  return (
    <div class="task">
      <progress aria-label={label} max={1} value={progress.fraction} />
      <span class="muted number">{progress.message}</span>
      <Button onClick={task.cancel}>Cancel</Button>
    </div>
  );
}

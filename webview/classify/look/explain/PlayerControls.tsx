import type { VNode } from 'preact';
import { Button } from '../../../shared/controls';
import { Icon, type IconName } from '../../../shared/icons';
import type { Player } from './player';

export function PlayerControls({ player }: { player: Player }): VNode {
  const { step, count } = player;
  const button = (icon: IconName, label: string, onClick: () => void, disabled = false) => (
    <Button appearance="icon" label={label} onClick={onClick} disabled={disabled}>
      <Icon name={icon} />
    </Button>
  );
  return (
    <div class="player" role="toolbar" aria-label="Steps of the arithmetic">
      {button('first', 'To the start', () => player.go(0), step === 0)}
      {button('previous', 'One step back', () => player.go(step - 1), step === 0)}
      {player.canPlay &&
        (player.isPlaying
          ? button('pause', 'Pause', player.pause)
          : button('play', 'Play step by step', player.play))}
      {button('next', 'One step on', () => player.go(step + 1), step === count)}
      {button('last', 'To the result', () => player.go(count), step === count)}
      <span class="number muted">
        step {step} of {count}
      </span>
    </div>
  );
}

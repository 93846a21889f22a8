/** Which picture fills the drawing, what the model takes it for, and where the drawn model is not the one that ran. */
import type { VNode } from 'preact';
import { Button } from '../../shared/controls';
import { formatPercent, plural } from '../../shared/format';
import { Icon } from '../../shared/icons';
import type { PictureState } from './store';
import type { Thumbnails } from './thumbnails';

interface PictureBarProps {
  picture: PictureState | null;
  thumbnail: Thumbnails | null;
  onForget: () => void;
}

export function PictureBar({ picture, thumbnail, onForget }: PictureBarProps): VNode | null {
  if (!picture) return null;
  return (
    <section class="picture-bar" aria-label="Picture" aria-busy={picture.state === 'working'}>
      <div role="status">
        {picture.state === 'working' && <span class="muted">{picture.message}</span>}
        {picture.state === 'failed' && (
          <p class="notice error">
            <Icon name="error" />
            <span>{picture.message}</span>
          </p>
        )}
        {picture.state === 'seen' && <Seen picture={picture} thumbnail={thumbnail} />}
      </div>
      {picture.state !== 'working' && (
        <Button appearance="icon" label="Remove the picture from the drawing" onClick={onForget}>
          <Icon name="close" />
        </Button>
      )}
    </section>
  );
}

const mostClasses = 3;

function Seen({
  picture,
  thumbnail,
}: {
  picture: Extract<PictureState, { state: 'seen' }>;
  thumbnail: Thumbnails | null;
}): VNode {
  const { imageName, modelName, classes, layers, difference } = picture;
  return (
    <>
      <div class="seen-picture">
        {thumbnail && (
          <img src={thumbnail.urls[0]} alt={imageName} class={thumbnail.isCoarse ? 'coarse' : ''} />
        )}
        <span>
          <strong>{imageName}</strong>, classified by {modelName}
        </span>
        <span class="classes number">
          {classes
            .slice(0, mostClasses)
            .filter(isWorthSaying)
            .map(({ label, index, probability }) => (
              <span key={index}>
                {label} <strong>{formatPercent(probability)}</strong>
              </span>
            ))}
        </span>
      </div>
      {difference !== undefined && (
        <p class="notice warning">
          <Icon name="warning" />
          <span>
            The drawn model is not the one that classified the picture: {difference}.{' '}
            {layers.length === 0
              ? 'No layer is filled. Train this model, or choose a picture again with a model of the same layers.'
              : `Only the ${plural(layers.length, 'layer')} before that ${layers.length === 1 ? 'is' : 'are'} filled.`}
          </span>
        </p>
      )}
    </>
  );
}

/** What rounds to nothing is said of the first only. */
function isWorthSaying({ probability }: { probability: number }, place: number): boolean {
  return place === 0 || probability >= 0.0005;
}

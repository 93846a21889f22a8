/** What the network says of the picture. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { formatCount, formatPercent } from '../shared/format';
import { PixelCanvas } from './PixelCanvas';
import { decodeBase64, paintPicture } from './pixels';
import type { Shown } from './shown';

export function Answer({ shown }: { shown: Shown }): VNode {
  return (
    <div class="answer">
      <Picture shown={shown} />
      <Classes shown={shown} />
    </div>
  );
}

function Picture({ shown }: { shown: Shown }): VNode {
  const { pixels, width, height, channels, preprocessing } = shown.result.input;
  const image = useMemo(
    () => paintPicture(decodeBase64(pixels), width, height, channels),
    [pixels, width, height, channels],
  );
  const scale = 224 / Math.max(width, height);
  return (
    <figure class="picture">
      <PixelCanvas
        image={image}
        width={width * scale}
        height={height * scale}
        label={`${shown.imageName} as the network sees it, ${height}×${width} pixels`}
      />
      <figcaption>
        <b>As the network sees it</b>{' '}
        <span class="number">
          {height}×{width}×{channels}
        </span>
        <br />
        <span class="muted">{preprocessing}</span>
      </figcaption>
    </figure>
  );
}

function Classes({ shown }: { shown: Shown }): VNode {
  const { classes } = shown.result;
  return (
    <section class="classes" aria-label="Classes">
      <h2>
        {classes[0] ? (
          <>
            {classes[0].label} <span class="number muted">{formatPercent(classes[0].probability)}</span>
          </>
        ) : (
          'No classes'
        )}
      </h2>
      <ol>
        {classes.map(({ label, index, probability }) => (
          <li key={index}>
            <span class="class-label" title={`class ${formatCount(index)}`}>
              {label}
            </span>
            <span class="class-track" aria-hidden="true">
              <span class="class-bar" style={{ width: `${Math.max(0, Math.min(1, probability)) * 100}%` }} />
            </span>
            <span class="number class-value">{formatPercent(probability)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** One map, as large as the panel allows. Arrow keys walk through the channels, Escape closes. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button } from '../../shared/controls';
import { formatValue } from '../../shared/format';
import { Icon } from '../../shared/icons';
import { PixelCanvas } from '../PixelCanvas';
import { describe, type EnlargedMap } from './LayerMaps';
import { mapCount, paint, planeOf, rangeOf } from './maps';

interface EnlargedProps {
  shown: EnlargedMap;
  onMap: (map: number) => void;
  onClose: () => void;
}

export function Enlarged({ shown, onMap, onClose }: EnlargedProps): VNode {
  const { layer, activation, range, map } = shown;
  const dialog = useRef<HTMLDialogElement>(null);
  const [pointed, setPointed] = useState('');
  useEffect(() => dialog.current?.showModal(), []);
  const image = useMemo(() => paint(activation, map, range), [activation, map, range]);
  const own = useMemo(() => {
    const plane = planeOf(activation.shape, map);
    const values = new Float32Array(plane.rows * plane.columns);
    for (let index = 0; index < values.length; index++) {
      values[index] =
        activation.values[plane.indexOf(Math.floor(index / plane.columns), index % plane.columns)] ??
        Number.NaN;
    }
    return rangeOf(values);
  }, [activation, map]);
  const count = mapCount(activation.shape);
  const step = (by: number) => onMap((map + by + count) % count);
  const scale = Math.min((innerWidth - 96) / image.width, (innerHeight - 190) / image.height, 64);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowRight') step(1);
    else if (event.key === 'ArrowLeft') step(-1);
  };
  return (
    <dialog
      ref={dialog}
      class="enlarged"
      aria-label={`Channel ${map} of ${layer.name}`}
      onClose={onClose}
      onKeyDown={onKeyDown}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <header>
        <div>
          <h2>{layer.name}</h2>
          <p class="muted number">
            channel {map} of 0 … {count - 1} · {image.height}×{image.width} · {formatValue(own.min)} …{' '}
            {formatValue(own.max)}
          </p>
        </div>
        <div class="tools">
          <Button appearance="icon" label="Previous channel" onClick={() => step(-1)}>
            <Icon name="previous" />
          </Button>
          <Button appearance="icon" label="Next channel" onClick={() => step(1)}>
            <Icon name="next" />
          </Button>
          <Button appearance="icon" label="Close" onClick={onClose}>
            <Icon name="close" />
          </Button>
        </div>
      </header>
      <PixelCanvas
        image={image}
        width={image.width * scale}
        height={image.height * scale}
        label={`Channel ${map} of ${layer.name}, values from ${formatValue(own.min)} to ${formatValue(own.max)}`}
        onPoint={(at) => setPointed(at ? describe(activation, map, at) : '')}
      />
      <p class="number pointed-large">{pointed || 'Point at a pixel to read its value'}</p>
    </dialog>
  );
}

import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Thumbnail as Picture } from '../../protocol/sidecar';

/** A small picture of the data, its pixels kept as squares. Says nothing to screen readers: what stands beside it does. */
export function Thumbnail({ picture }: { picture: Picture }): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, channels, pixels } = picture;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(width, height);
    const bytes = atob(pixels);
    for (let cell = 0; cell < width * height; cell++) {
      for (let channel = 0; channel < 3; channel++) {
        const from = channels === 1 ? cell : cell * 3 + channel;
        image.data[cell * 4 + channel] = bytes.charCodeAt(from);
      }
      image.data[cell * 4 + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [width, height, channels, pixels]);
  return (
    <span aria-hidden="true">
      <canvas ref={canvas} class="thumbnail" width={width} height={height} />
    </span>
  );
}

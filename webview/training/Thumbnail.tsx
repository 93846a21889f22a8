import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Thumbnail as Picture } from '../../protocol/sidecar';
import { decodeBase64, paintPicture } from '../shared/pixels';

/** A small picture of the data, its pixels kept as squares. Says nothing to screen readers: what stands beside it does. */
export function Thumbnail({ picture }: { picture: Picture }): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, channels, pixels } = picture;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = paintPicture(decodeBase64(pixels), width, height, channels);
    context.putImageData(image, 0, 0);
  }, [width, height, channels, pixels]);
  return (
    <span aria-hidden="true">
      <canvas ref={canvas} class="thumbnail" width={width} height={height} />
    </span>
  );
}

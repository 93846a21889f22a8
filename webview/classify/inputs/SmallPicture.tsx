/** A picture's thumbnail. Says nothing to screen readers: what stands beside it does. */
import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Thumbnail } from '../../../protocol/sidecar';
import { Icon } from '../../shared/icons';
import { decodeBase64, paintPicture } from '../../shared/pixels';

export function SmallPicture({
  picture,
  failed,
}: {
  picture: Thumbnail | undefined;
  failed: boolean;
}): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (!picture || !canvas.current) return;
    const { pixels, width, height, channels } = picture;
    canvas.current.width = width;
    canvas.current.height = height;
    canvas.current
      .getContext('2d')
      ?.putImageData(paintPicture(decodeBase64(pixels), width, height, channels), 0, 0);
  }, [picture]);
  return (
    <span class="small-picture" aria-hidden="true">
      {picture ? <canvas ref={canvas} /> : failed ? <Icon name="error" /> : null}
    </span>
  );
}

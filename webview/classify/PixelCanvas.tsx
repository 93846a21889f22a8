/** A picture of few pixels, shown large and with hard edges: every pixel is a value. */
import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface PixelCanvasProps {
  image: ImageData;
  /** In CSS pixels. */
  width: number;
  height: number;
  label?: string;
  onPoint?: (at: { row: number; column: number } | null) => void;
}

export function PixelCanvas({ image, width, height, label, onPoint }: PixelCanvasProps): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return;
    element.width = image.width;
    element.height = image.height;
    element.getContext('2d')?.putImageData(image, 0, 0);
  }, [image]);
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const clamp = (value: number, size: number) => Math.max(0, Math.min(size - 1, Math.floor(value * size)));
    onPoint?.({
      row: clamp((event.clientY - box.top) / box.height, image.height),
      column: clamp((event.clientX - box.left) / box.width, image.width),
    });
  };
  return (
    <canvas
      ref={canvas}
      class="pixels"
      style={{
        width: `${width}px`,
        height: `${height}px`,
        // Of a large picture shown small, every pixel shall count.
        ...(width < image.width ? { imageRendering: 'auto' } : {}),
      }}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
      onPointerMove={onPoint && point}
      onPointerLeave={onPoint && (() => onPoint(null))}
    />
  );
}

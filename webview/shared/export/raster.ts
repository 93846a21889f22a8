/** An exported picture as PNG. */
import type { Picture } from './primitives';

/** Canvases have limits, and so has memory. */
const mostPixels = 100_000_000;

/** `scale`: pixels for each of the picture's. Throws with a message for people. */
export async function rasterize(svg: string, { width, height }: Picture, scale: number): Promise<Blob> {
  const [columns, rows] = [Math.ceil(width * scale), Math.ceil(height * scale)];
  if (columns * rows > mostPixels || Math.max(columns, rows) > 32_000) {
    throw new Error(
      `A PNG of ${columns.toLocaleString('en')} × ${rows.toLocaleString('en')} pixels is too large. Choose a smaller scale, fold the drawing, or export SVG.`,
    );
  }
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: columns, height: rows });
    canvas.getContext('2d')!.drawImage(image, 0, 0, columns, rows);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new Error('The PNG could not be made. Choose a smaller scale, or export SVG.');
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** What a message to the extension can carry. */
export async function base64(blob: Blob): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(',') + 1);
}

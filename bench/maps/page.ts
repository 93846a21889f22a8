/** What runs in the browser: the classify panel's own drawing, and a PNG of what it drew. */
import type { LayerLayout } from '../../protocol/sidecar';
import { colorMaps } from '../../webview/shared/colorMaps';
import { activationOf, type Form, rangeOf, statisticsOf } from '../../webview/shared/maps';
import { drawMap } from '../../webview/shared/paint';

const runs = 15;

interface Layer {
  side: number;
  maps: number;
  layout: LayerLayout;
}

/** Like what a convolution with ReLU puts out: smooth shapes, fine grain, half of it zero. */
function outputOf({ side, maps, layout }: Layer): { form: Form; values: Float32Array } {
  const values = new Float32Array(side * side * maps);
  let seed = 1;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      for (let map = 0; map < maps; map++) {
        seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
        const grain = (seed >>> 8) / 2 ** 24 - 0.5;
        const wave = Math.sin((row * (1 + (map % 5)) + column * (map % 7)) / 17) + 0.3 * grain;
        const cell = row * side + column;
        values[layout === 'channelsFirst' ? map * side * side + cell : cell * maps + map] = Math.max(0, wave);
      }
    }
  }
  return {
    form: { shape: layout === 'channelsFirst' ? [maps, side, side] : [side, side, maps], layout },
    values,
  };
}

/** All that the panel does from the values that a layer put out to its maps, each on a canvas of its own. */
function draw(
  { form, values }: ReturnType<typeof outputOf>,
  side: number,
  canvases: HTMLCanvasElement[],
): void {
  const activation = activationOf(form, values);
  const range = rangeOf(statisticsOf(activation));
  const pixels = new ImageData(side, side);
  for (const [map, canvas] of canvases.entries()) {
    drawMap(canvas, activation, map, range, colorMaps.viridis, pixels);
  }
}

/** One picture of all maps in rows of eight, losslessly compressed by the browser itself. */
async function pngOf(canvases: HTMLCanvasElement[], side: number): Promise<Blob> {
  const sheet = document.createElement('canvas');
  sheet.width = side * 8;
  sheet.height = (side * canvases.length) / 8;
  const context = sheet.getContext('2d')!;
  for (const [i, canvas] of canvases.entries()) {
    context.drawImage(canvas, (i % 8) * side, Math.floor(i / 8) * side);
  }
  return new Promise((resolve) => sheet.toBlob((blob) => resolve(blob!), 'image/png'));
}

async function measure(layer: Layer): Promise<{ ours: number[]; png: number[] }> {
  const output = outputOf(layer);
  const canvases = Array.from({ length: layer.maps }, () =>
    document.body.appendChild(document.createElement('canvas')),
  );
  draw(output, layer.side, canvases);
  const png = await pngOf(canvases, layer.side);
  const result = { ours: [] as number[], png: [] as number[] };
  // In turn, so that whatever else the machine does meets both.
  for (let run = 0; run < runs; run++) {
    let started = performance.now();
    draw(output, layer.side, canvases);
    result.ours.push(performance.now() - started);
    started = performance.now();
    const bitmap = await createImageBitmap(png);
    result.png.push(performance.now() - started);
    bitmap.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const canvas of canvases) canvas.remove();
  return result;
}

Object.assign(window, { measure });

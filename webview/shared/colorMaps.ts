/**
 * Colour maps that colour-blind people can read. The sequential ones are matplotlib's (viridis, magma: Stéfan van der
 * Walt and Nathaniel Smith, CC0; cividis: Jamie Nuñez, Christopher Anderton and Ryan Renslow, CC0), equally spaced of their 256
 * entries, between them straight lines; `diverging` is ColorBrewer's RdBu (Cynthia Brewer, Apache 2.0), blue below zero,
 * red above.
 */

export type ColorMapName = 'viridis' | 'cividis' | 'magma' | 'grey' | 'diverging';

export interface ColorMap {
  name: ColorMapName;
  /** For people. */
  title: string;
  /** Its middle stands for zero. */
  isDiverging: boolean;
  /** 256 colours, four bytes each: red, green, blue, opaque. */
  bytes: Uint8ClampedArray;
  /** The same, one number a colour, in the byte order of this machine: as they lie in an `ImageData`. */
  words: Uint32Array;
}

type Anchors = readonly (readonly [number, number, number])[];

// biome-ignore format: one colour a cell, as in its source.
const viridis: Anchors = [
  [68, 1, 84], [72, 26, 108], [71, 47, 125], [65, 68, 135], [57, 86, 140], [49, 104, 142], [42, 120, 142], [35, 136, 142],
  [31, 152, 139], [34, 168, 132], [53, 183, 121], [84, 197, 104], [122, 209, 81], [165, 219, 54], [210, 226, 27],
  [253, 231, 37],
];
// biome-ignore format: one colour a cell, as in its source.
const cividis: Anchors = [
  [0, 34, 78], [0, 46, 108], [30, 58, 111], [53, 69, 108], [71, 81, 108], [87, 93, 109], [102, 105, 112], [117, 117, 117],
  [132, 130, 121], [148, 142, 119], [165, 156, 116], [183, 169, 110], [200, 184, 102], [219, 199, 90], [238, 214, 73],
  [254, 232, 56],
];
// biome-ignore format: one colour a cell, as in its source.
const magma: Anchors = [
  [0, 0, 4], [11, 9, 36], [32, 17, 75], [59, 15, 112], [87, 21, 126], [114, 31, 129], [140, 41, 129], [168, 50, 125],
  [196, 60, 117], [222, 73, 104], [241, 96, 93], [250, 127, 94], [254, 159, 109], [254, 191, 132], [253, 222, 160],
  [252, 253, 191],
];
const grey: Anchors = [
  [0, 0, 0],
  [255, 255, 255],
];
// biome-ignore format: one colour a cell, as in its source.
const redBlue: Anchors = [
  [5, 48, 97], [33, 102, 172], [67, 147, 195], [146, 197, 222], [209, 229, 240], [247, 247, 247], [253, 219, 199],
  [244, 165, 130], [214, 96, 77], [178, 24, 43], [103, 0, 31],
];

function between(anchors: Anchors): Uint8ClampedArray {
  const table = new Uint8ClampedArray(256 * 4);
  for (let index = 0; index < 256; index++) {
    const position = (index / 255) * (anchors.length - 1);
    const lower = Math.min(anchors.length - 2, Math.floor(position));
    const t = position - lower;
    for (let channel = 0; channel < 3; channel++) {
      const [from, to] = [anchors[lower]![channel]!, anchors[lower + 1]![channel]!];
      table[index * 4 + channel] = from + (to - from) * t;
    }
    table[index * 4 + 3] = 255;
  }
  return table;
}

function colorMap(name: ColorMapName, title: string, bytes: Uint8ClampedArray): ColorMap {
  return {
    name,
    title,
    isDiverging: name === 'diverging',
    bytes,
    words: new Uint32Array(bytes.slice().buffer),
  };
}

export const colorMaps: Record<ColorMapName, ColorMap> = {
  viridis: colorMap('viridis', 'Viridis', between(viridis)),
  cividis: colorMap('cividis', 'Cividis', between(cividis)),
  magma: colorMap('magma', 'Magma', between(magma)),
  grey: colorMap('grey', 'Grey', between(grey)),
  diverging: colorMap('diverging', 'Blue – red around 0', between(redBlue)),
};

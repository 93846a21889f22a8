/**
 * The viridis colour map (Stéfan van der Walt and Nathaniel Smith, CC0): equal steps look equal, in print without colour
 * and to colour-blind people, too. Every sixteenth of matplotlib's 256 entries; between them, straight lines.
 */
const anchors = [
  [68, 1, 84],
  [72, 26, 108],
  [71, 47, 125],
  [65, 68, 135],
  [57, 86, 140],
  [49, 104, 142],
  [42, 120, 142],
  [35, 136, 142],
  [31, 152, 139],
  [34, 168, 132],
  [53, 183, 121],
  [84, 197, 104],
  [122, 209, 81],
  [165, 219, 54],
  [210, 226, 27],
  [253, 231, 37],
] as const;

/** 256 colours, four bytes each: red, green, blue, opaque. */
export const viridis: Uint8ClampedArray = (() => {
  const table = new Uint8ClampedArray(256 * 4);
  for (let index = 0; index < 256; index++) {
    const position = (index / 255) * (anchors.length - 1);
    const lower = anchors[Math.floor(position)]!;
    const upper = anchors[Math.min(anchors.length - 1, Math.floor(position) + 1)]!;
    const t = position - Math.floor(position);
    for (let channel = 0; channel < 3; channel++) {
      table[index * 4 + channel] = lower[channel]! + (upper[channel]! - lower[channel]!) * t;
    }
    table[index * 4 + 3] = 255;
  }
  return table;
})();

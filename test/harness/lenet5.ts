/** examples/lenet5.ts as Layerwise must show it. */
export const lenet5Hints = [
  '→ 28×28×6 · 156',
  '→ 14×14×6',
  '→ 10×10×16 · 2,416',
  '→ 5×5×16',
  '→ 1×1×120 · 48,120',
  '→ 120',
  '→ 84 · 10,164',
  '→ 10 · 850',
];

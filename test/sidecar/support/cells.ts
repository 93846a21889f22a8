/** Cells of a layer's output to look at: the corners, the middle, and others all over; each with its place among all values. */
export function cellsAllOver(shape: number[], others: number): { place: number; index: number[] }[] {
  const count = shape.reduce((product, size) => product * size, 1);
  const places = new Set([
    0,
    count - 1,
    count >> 1,
    ...Array.from({ length: others }, (_, i) => (i * 7919) % count),
  ]);
  return [...places].map((place) => {
    const index: number[] = [];
    let left = place;
    for (const size of shape.toReversed()) {
      index.unshift(left % size);
      left = Math.floor(left / size);
    }
    return { place, index };
  });
}

/** Curves as charts want them: smoothed, and joined on one axis. Pure. */

export interface Point {
  /** In epochs. */
  x: number;
  value: number | null;
}

/**
 * Exponential moving average as TensorBoard has it: `weight` 0 leaves the points, 0.99 follows slowly. Divided by what
 * the weights sum up to, so that the first points are not drawn towards zero.
 */
export function smoothed(points: readonly Point[], weight: number): Point[] {
  if (weight <= 0) return [...points];
  let [average, seen] = [0, 0];
  return points.map(({ x, value }) => {
    if (value === null || !Number.isFinite(value)) return { x, value: null };
    average = average * weight + (1 - weight) * value;
    seen = seen * weight + (1 - weight);
    return { x, value: average / seen };
  });
}

/** One axis for all series, with gaps where a series has no point. `null`: a value that became NaN, infinite, or ≤ 0 on a logarithmic scale. */
export function joined(
  series: readonly (readonly Point[])[],
  isLogarithmic: boolean,
): [number[], ...(number | null)[][]] {
  const xs = [...new Set(series.flatMap((points) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const index = new Map(xs.map((x, position) => [x, position]));
  const columns = series.map((points) => {
    const column: (number | null)[] = new Array(xs.length).fill(null);
    for (const { x, value } of points) column[index.get(x)!] = drawable(value, isLogarithmic);
    return column;
  });
  return [xs, ...columns];
}

function drawable(value: number | null, isLogarithmic: boolean): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  return isLogarithmic && value <= 0 ? null : value;
}

/** The last value at or before `x`; absent: the last one. */
export function valueAt(points: readonly Point[], x: number | null): number | null {
  for (let index = points.length - 1; index >= 0; index--) {
    const point = points[index]!;
    if (point.value !== null && (x === null || point.x <= x + 1e-9)) return point.value;
  }
  return null;
}

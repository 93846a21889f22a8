interface UriLike {
  readonly path: string;
}

/** The last part of a URI's path. */
export function baseName({ path }: UriLike): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}

/** `0.12`, `0.0034`, `NaN`. */
export function lossText(loss: number): string {
  return Math.abs(loss) >= 0.01 || !Number.isFinite(loss) ? loss.toFixed(2) : loss.toPrecision(2);
}

/** `45 s`, `3 min`. */
export function durationText(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** With thousands separators. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

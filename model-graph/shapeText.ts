/** `28×28×1`: a shape without its batch, symbolic sizes by their text; `?` for what is not known. */
export function shapeText(shape: readonly unknown[] | null | undefined): string {
  return shape
    ? shape
        .slice(1)
        .map((size) => size ?? '?')
        .join('×')
    : '?';
}

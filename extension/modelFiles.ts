interface UriLike {
  readonly path: string;
}

/** Files that hold a model and are no program, by their names; which `.json` does is found out by reading it. */
export function isModelFile({ path }: UriLike): boolean {
  return /\.(onnx|json)$/i.test(path);
}

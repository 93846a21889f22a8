/** Files that are bundled as text, `with { type: 'text' }`. */
declare module 'elkjs/lib/elk-worker.min.js' {
  const text: string;
  export default text;
}

/** Texts in a picture, cut to the room there is. */
let context: CanvasRenderingContext2D | null = null;
let family = '';
const known = new Map<string, number>();
const mostKept = 20_000;

export function textWidth(text: string, font = '12px'): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * 7;
  family ||= getComputedStyle(document.body).fontFamily;
  const key = `${font} ${text}`;
  let width = known.get(key);
  if (width === undefined) {
    if (known.size > mostKept) known.clear();
    context.font = `${font} ${family}`;
    width = context.measureText(text).width;
    known.set(key, width);
  }
  return width;
}

/** The text, with `…` where it must be cut. */
export function fitted(text: string, room: number, font = '12px'): string {
  if (textWidth(text, font) <= room) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (textWidth(`${text.slice(0, middle)}…`, font) <= room) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low).trimEnd()}…`;
}

/** What the first lines of a table tell of its form: whether they name the columns, which is predicted, whether lines are pictures. */
import { SidecarError } from '../errors';

export interface CsvOptions {
  labelColumn?: string | number | undefined;
  header?: boolean | undefined;
  pictures?: boolean | undefined;
}

export interface CsvForm {
  /** The first record is the columns' names. */
  hasHeader: boolean;
  /** All of them, the label's too; made up where the table names none. */
  columns: string[];
  labelColumn: number;
  /** Side of the square pictures that lines are. */
  pictureSide: number | undefined;
}

const labelNames = ['label', 'labels', 'class', 'target', 'species', 'y'];
/** Smaller pictures would be taken for pictures by chance. */
const leastSide = 8;

/** A cell that is a number as JavaScript and every spreadsheet write it. */
export function numberOf(cell: string): number | undefined {
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(cell)) return undefined;
  const value = Number(cell);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * @param records The table's first records, all of the same length.
 * @throws SidecarError when what was asked for is not there.
 */
export function recogniseForm(records: string[][], options: CsvOptions, where: string): CsvForm {
  const [first = []] = records;
  if (first.length < 2) {
    throw new SidecarError('The table has only one column; it needs one for the label and one more.', {
      where,
      next: 'Columns are separated by commas, semicolons or tabs.',
    });
  }
  const hasHeader = options.header ?? looksLikeHeader(records);
  const body = hasHeader ? records.slice(1) : records;
  const columns = first.map((name, i) => (hasHeader && name !== '' ? name : `column ${i + 1}`));
  const square = Math.sqrt(first.length - 1);
  const pictureSide = Number.isInteger(square) ? square : undefined;
  const named = givenLabel(columns, options.labelColumn, where) ?? namedLabel(hasHeader ? columns : []);
  if (options.pictures === true && pictureSide === undefined) {
    throw new SidecarError(
      `Lines cannot be square pictures: they have ${first.length - 1} cells besides the label.`,
      { where, next: 'MNIST’s have 784, which is 28×28.' },
    );
  }
  const isPictures =
    options.pictures ??
    ((pictureSide ?? 0) >= leastSide && looksLikePixels(body) && (!hasHeader || columns.some(isPixelName)));
  const labelColumn = named ?? (isPictures && labelIsFirst(body) ? 0 : columns.length - 1);
  return { hasHeader, columns, labelColumn, pictureSide: isPictures ? pictureSide : undefined };
}

/** Some column has a word where the next line has a number, or is called what labels are called. */
function looksLikeHeader([first = [], second = []]: string[][]): boolean {
  return first.some(
    (cell, i) =>
      cell !== '' &&
      numberOf(cell) === undefined &&
      (numberOf(second[i] ?? '') !== undefined || labelNames.includes(cell.toLowerCase())),
  );
}

function givenLabel(
  columns: string[],
  given: string | number | undefined,
  where: string,
): number | undefined {
  if (given === undefined) return undefined;
  // A column may be called by a number.
  const named = columns.indexOf(String(given));
  const at = typeof given === 'number' && named < 0 ? given : named;
  if (at >= 0 && at < columns.length) return at;
  throw new SidecarError(
    typeof given === 'number'
      ? `There is no column ${given}: the table has ${columns.length}, counted from 0.`
      : `There is no column \`${given}\`.`,
    { where, next: `It has ${columns.slice(0, 12).join(', ')}${columns.length > 12 ? ', …' : ''}.` },
  );
}

function namedLabel(columns: string[]): number | undefined {
  // `y` amid other columns is rather a coordinate.
  const isMeant = (at: number) =>
    at >= 0 && (columns[at]?.toLowerCase() !== 'y' || at === 0 || at === columns.length - 1);
  return labelNames.map((name) => columns.findIndex((column) => column.toLowerCase() === name)).find(isMeant);
}

function looksLikePixels(body: string[][]): boolean {
  let largest = 0;
  for (const record of body) {
    for (const cell of record) {
      if (!/^\d{1,3}$/.test(cell) || Number(cell) > 255) return false;
      largest = Math.max(largest, Number(cell));
    }
  }
  // Anything below is rather a table of small counts.
  return largest >= 64;
}

/** `pixel0`, `px_12`, `3x14`. */
function isPixelName(name: string): boolean {
  return /^(pixel|px)[\W_]*\d+$|^\d+x\d+$/i.test(name);
}

/** As MNIST's tables have it. Classes are few small numbers; the last pixel of a centred picture never changes. */
function labelIsFirst(body: string[][]): boolean {
  const cells = (column: number) => body.map((record) => Number(record.at(column)));
  const [first, last] = [cells(0), cells(-1)];
  const fewClasses = (values: number[]) => Math.max(...values) < 64;
  return fewClasses(first) && (!fewClasses(last) || new Set(last).size <= new Set(first).size);
}

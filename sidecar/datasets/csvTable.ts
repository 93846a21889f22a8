/** A CSV file → numbers and labels, checked cell by cell. */
import { SidecarError } from '../errors';
import { type CsvForm, type CsvOptions, numberOf, recogniseForm } from './csvForm';
import { readCsvRecords } from './csvRecords';
import { GrowingArray } from './growingArray';
import { formatCount } from './reading';

export interface CsvTable {
  form: CsvForm;
  /** Cells without the label, row by row; bytes where lines are pictures. */
  cells: Float64Array | Uint8Array;
  /** Line of each row in the file, counted from 1. */
  lines: Uint32Array;
  labels: TableLabels;
}

interface LabelOptions {
  task?: 'classification' | 'regression' | undefined;
  /** As in `DatasetOptions`. */
  singleOutput?: boolean | undefined;
}

export type TableLabels =
  | { kind: 'classes'; classNames: string[]; classes: Uint32Array }
  | { kind: 'values'; values: Float64Array };

/** Records that are looked at before the table's form is decided. */
const lookAhead = 100;
const maximumClasses = 1000;
/** Whole numbers up to so many distinct ones are classes, more are values. */
const maximumNumberedClasses = 100;
const missing = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?', '-']);

/** @throws SidecarError naming line and column for cells that are missing or no numbers. */
export async function readCsvTable(
  file: string,
  options: CsvOptions & LabelOptions,
  signal?: AbortSignal,
): Promise<CsvTable> {
  const waiting: { cells: string[]; line: number }[] = [];
  let reader: RowReader | undefined;
  const begin = () => {
    const form = recogniseForm(
      waiting.map(({ cells }) => cells),
      options,
      file,
    );
    const started = new RowReader(form, file);
    for (const { cells, line } of form.hasHeader ? waiting.slice(1) : waiting) started.take(cells, line);
    return started;
  };
  const take = (cells: string[], line: number) => {
    if (reader) return reader.take(cells, line);
    waiting.push({ cells, line });
    if (waiting.length === lookAhead) reader = begin();
  };
  await readCsvRecords(file, take, signal);
  return (reader ?? begin()).finish(options);
}

class RowReader {
  private readonly cells: GrowingArray<Float64ArrayConstructor> | GrowingArray<Uint8ArrayConstructor>;
  private readonly lines: GrowingArray<Uint32ArrayConstructor>;
  private readonly labelNumbers: GrowingArray<Float64ArrayConstructor>;
  private readonly labelTexts: GrowingArray<Uint32ArrayConstructor>;
  /** Each distinct label, in the order of appearance; no more are collected than could be classes. */
  private readonly texts = new Map<string, number>();
  private allNumbers = true;
  private allWhole = true;

  constructor(
    private readonly form: CsvForm,
    private readonly file: string,
  ) {
    this.cells =
      form.pictureSide === undefined
        ? new GrowingArray(Float64Array, file)
        : new GrowingArray(Uint8Array, file);
    this.lines = new GrowingArray(Uint32Array, file);
    this.labelNumbers = new GrowingArray(Float64Array, file);
    this.labelTexts = new GrowingArray(Uint32Array, file);
  }

  take(record: string[], line: number): void {
    const { labelColumn, pictureSide } = this.form;
    for (let column = 0; column < record.length; column++) {
      const cell = record[column] ?? '';
      if (column === labelColumn) {
        this.takeLabel(cell, line);
        continue;
      }
      const value = numberOf(cell);
      if (value === undefined) throw this.badCell(cell, column, line);
      if (pictureSide !== undefined && !(value >= 0 && value <= 255 && Number.isInteger(value))) {
        throw new SidecarError(
          `Line ${line}, column \`${this.form.columns[column]}\`: ${cell} is no pixel; they are whole numbers from 0 to 255.`,
          { where: this.file, next: 'If lines are not pictures, say so when choosing the data.' },
        );
      }
      this.cells.push(value);
    }
    this.lines.push(line);
  }

  finish(options: LabelOptions): CsvTable {
    const lines = this.lines.all;
    if (lines.length === 0)
      throw new SidecarError('The table has no rows.', {
        where: this.file,
        next: 'It needs a line for each example.',
      });
    return { form: this.form, cells: this.cells.all, lines, labels: this.labels(options, lines.length) };
  }

  private takeLabel(cell: string, line: number): void {
    if (missing.has(cell.toLowerCase())) throw this.badCell(cell, this.form.labelColumn, line);
    const value = numberOf(cell);
    if (value === undefined) this.allNumbers = false;
    else if (!Number.isInteger(value)) this.allWhole = false;
    // `1` and `1.0` are one class.
    const text = value === undefined ? cell : String(value);
    let id = this.texts.get(text);
    if (id === undefined && this.texts.size <= maximumClasses) {
      id = this.texts.size;
      this.texts.set(text, id);
    }
    this.labelTexts.push(id ?? 0);
    this.labelNumbers.push(value ?? Number.NaN);
  }

  private labels({ task, singleOutput = false }: LabelOptions, rows: number): TableLabels {
    const name = this.form.columns[this.form.labelColumn];
    const distinct = this.texts.size;
    const areClasses =
      task === 'classification' ||
      (task === undefined &&
        (!this.allNumbers ||
          this.form.pictureSide !== undefined ||
          (this.allWhole &&
            !(singleOutput && distinct > 2) &&
            distinct <= Math.min(maximumNumberedClasses, Math.max(2, rows / 3)))));
    if (!areClasses) {
      if (this.allNumbers) return { kind: 'values', values: this.labelNumbers.all };
      throw new SidecarError(`The column \`${name}\` has texts; only numbers can be predicted as values.`, {
        where: this.file,
        next: 'Choose another label column, or predict classes.',
      });
    }
    if (distinct > maximumClasses) {
      throw new SidecarError(
        `The label column \`${name}\` has more than ${formatCount(maximumClasses)} distinct entries; these are no classes.`,
        { where: this.file, next: 'Choose another label column, or predict numbers as values.' },
      );
    }
    if (distinct < 2) {
      throw new SidecarError(
        `The label column \`${name}\` has only one class, \`${[...this.texts.keys()][0]}\`; there must be two at least.`,
        { where: this.file, next: 'Choose another label column.' },
      );
    }
    const classNames = [...this.texts.keys()].sort((a, b) =>
      this.allNumbers ? Number(a) - Number(b) : a < b ? -1 : 1,
    );
    const classOf = new Map(classNames.map((text, number) => [this.texts.get(text), number]));
    return { kind: 'classes', classNames, classes: this.labelTexts.all.map((id) => classOf.get(id) ?? 0) };
  }

  private badCell(cell: string, column: number, line: number): SidecarError {
    const at = `Line ${line}, column \`${this.form.columns[column]}\``;
    if (missing.has(cell.toLowerCase())) {
      return new SidecarError(`${at}: the value is missing${cell === '' ? '' : ` (\`${cell}\`)`}.`, {
        where: this.file,
        next: 'Fill it in, or leave the line out.',
      });
    }
    const shown = cell.length > 40 ? `${cell.slice(0, 40)}…` : cell;
    return new SidecarError(`${at}: \`${shown}\` is not a number.`, {
      where: this.file,
      next: /^[-+]?\d+,\d+$/.test(cell)
        ? 'Write numbers with a point: 1.5 rather than 1,5.'
        : 'Only the label may be text: leave such columns out, or write them as numbers. Or is another column the label?',
    });
  }
}

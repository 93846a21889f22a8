/** A table to train on: rows of numbers, or pictures that are written as rows. */
import path from 'node:path';
import type {
  DataPart,
  DataSource,
  ExampleDescription,
  RowEncoding,
  TargetKind,
} from '../../protocol/sidecar';
import { type CsvTable, readCsvTable } from './csvTable';
import { type Dataset, type DatasetOptions, type Examples, labelText } from './dataset';
import { stratifiedSplit } from './split';
import { StoredPictures } from './storedPictures';

/** Values above this make losses that no usual learning rate is meant for. */
const largeValue = 1000;

export async function openCsv(
  source: DataSource & { kind: 'csv' },
  { validationSplit, singleOutput, warn, signal }: DatasetOptions,
): Promise<Dataset> {
  const table = await readCsvTable(source.file, { ...source, singleOutput }, signal);
  const { labels, lines, form } = table;
  const parts = stratifiedSplit(
    labels.kind === 'classes' ? labels.classes : new Uint8Array(lines.length),
    validationSplit,
  );
  const title = path.basename(source.file);
  if (form.pictureSide !== undefined && labels.kind === 'classes') {
    const stored = { pixels: table.cells as Uint8Array, labels: labels.classes, lines };
    const isDigits = form.pictureSide === 28 && labels.classNames.join('') === '0123456789';
    return new StoredPictures({
      title,
      noun: 'pictures',
      framing: isDigits ? 'mnist' : 'fit',
      height: form.pictureSide,
      width: form.pictureSide,
      classNames: labels.classNames,
      parts: {
        train: { ...stored, members: parts.train },
        validation: { ...stored, members: parts.validation },
      },
    });
  }
  if (labels.kind === 'values' && labels.values.some((value) => Math.abs(value) > largeValue)) {
    warn(
      `The values of \`${form.columns[form.labelColumn]}\` are large; training is easier when they are divided to lie near 1.`,
    );
  }
  return new TableRows(title, table, parts);
}

class TableRows implements Dataset {
  readonly noun = 'rows';
  readonly framing = 'fit';
  readonly example: { kind: 'row'; columns: string[] };
  readonly target: TargetKind;
  readonly predicted: string;
  readonly rowEncoding: RowEncoding;

  constructor(
    readonly title: string,
    private readonly table: CsvTable,
    private readonly parts: { train: Uint32Array; validation: Uint32Array },
  ) {
    const { columns, labelColumn } = table.form;
    this.predicted = columns[labelColumn] ?? '';
    this.example = { kind: 'row', columns: columns.filter((_, column) => column !== labelColumn) };
    this.target =
      table.labels.kind === 'classes'
        ? { kind: 'classes', classNames: table.labels.classNames }
        : { kind: 'value', name: this.predicted };
    this.rowEncoding = this.standardisation();
  }

  count(part: DataPart): number {
    return part === 'test' ? 0 : this.parts[part].length;
  }

  label(part: DataPart, index: number): number {
    const { labels } = this.table;
    const row = this.row(part, index);
    return (labels.kind === 'classes' ? labels.classes[row] : labels.values[row]) ?? 0;
  }

  async read(part: DataPart, indices: ArrayLike<number>): Promise<Examples> {
    const width = this.example.columns.length;
    const values = new Float64Array(indices.length * width);
    for (let i = 0; i < indices.length; i++)
      values.set(this.cells(this.row(part, indices[i] ?? 0)), i * width);
    return { indices: Uint32Array.from(indices), values };
  }

  async describeExample(part: DataPart, index: number): Promise<ExampleDescription> {
    const row = this.row(part, index);
    return {
      part,
      index,
      label: labelText(this, part, index),
      line: this.table.lines[row] ?? 0,
      values: Array.from(this.cells(row)),
    };
  }

  async close(): Promise<void> {}

  private row(part: DataPart, index: number): number {
    return part === 'test' ? 0 : (this.parts[part][index] ?? 0);
  }

  private cells(row: number): Float64Array | Uint8Array {
    const width = this.example.columns.length;
    return this.table.cells.subarray(row * width, (row + 1) * width);
  }

  /** Mean and standard deviation of each column over the training rows, in two passes for accuracy. */
  private standardisation(): RowEncoding {
    const { columns } = this.example;
    const average = (term: (value: number, column: number) => number) => {
      const sums = columns.map(() => 0);
      for (const row of this.parts.train) {
        for (const [column, value] of this.cells(row).entries())
          sums[column] = (sums[column] ?? 0) + term(value, column);
      }
      return sums.map((sum) => sum / this.parts.train.length);
    };
    const means = average((value) => value);
    const variances = average((value, column) => (value - (means[column] ?? 0)) ** 2);
    // A column that never changes (but for rounding) tells nothing: it becomes 0.
    const isConstant = (column: number) =>
      Math.sqrt(variances[column] ?? 0) <= 1e-12 * Math.abs(means[column] ?? 0);
    return {
      columns,
      means,
      deviations: variances.map((variance, column) => (isConstant(column) ? 1 : Math.sqrt(variance))),
    };
  }
}

/** Examples with labels, in the parts that training needs; however they are stored, they are read a batch at a time. */
import type {
  DataPart,
  ExampleDescription,
  ExampleKind,
  InputEncoding,
  RowEncoding,
  TargetKind,
} from '../../protocol/sidecar';

export interface Dataset {
  /** What it is, e.g. `MNIST, bundled subset`. */
  readonly title: string;
  /** What its examples are called, e.g. `digits`. */
  readonly noun: string;
  readonly example: ExampleKind;
  readonly target: TargetKind;
  /** For rows: the column that is predicted. */
  readonly predicted?: string;
  /** For pictures: how one is to be framed that the model is asked about later, to look like these. */
  readonly framing: InputEncoding['framing'];
  /** For rows: how their cells are standardised, from the training part. */
  readonly rowEncoding?: RowEncoding;
  count(part: DataPart): number;
  /** An example's class number, or its value. */
  label(part: DataPart, index: number): number;
  /**
   * Reads examples of a part in the order asked for. Those that turn out to be broken are left out, with a warning.
   * @throws SidecarError when the data cannot be read at all any more.
   */
  read(part: DataPart, indices: ArrayLike<number>, encoding: InputEncoding | RowEncoding): Promise<Examples>;
  /** What people see of one example, e.g. of one that the network got wrong. */
  describeExample(part: DataPart, index: number): Promise<ExampleDescription>;
  close(): Promise<void>;
}

export interface Examples {
  /** Which examples these are: as asked for, without the broken ones. */
  indices: Uint32Array;
  /**
   * Pictures: bytes [example, height, width, channel] in the encoding's size. Rows: cells [example, column] as they
   * stand in the table.
   */
  values: Uint8Array | Float64Array;
}

export interface DatasetOptions {
  /** Share of the training examples kept for validation, where the data has no validation part of its own. */
  validationSplit: number;
  /** The model puts out one number: whole numbers of a table that are more than two are values, no classes. */
  singleOutput?: boolean | undefined;
  /** Told what is left out or looks wrong; full sentences. */
  warn(message: string): void;
  /** Aborted, opening ends with a `Cancelled`: folders of millions of files, or far away, take their time. */
  signal?: AbortSignal | undefined;
}

/** The classes' names; none where a number is predicted. */
export function classNamesOf({ target }: Pick<Dataset, 'target'>): string[] {
  return target.kind === 'classes' ? target.classNames : [];
}

/** The label as people read it. */
export function labelText(dataset: Dataset, part: DataPart, index: number): string {
  const label = dataset.label(part, index);
  return dataset.target.kind === 'classes'
    ? (dataset.target.classNames[label] ?? `class ${label}`)
    : String(label);
}

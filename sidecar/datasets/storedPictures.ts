/** Grey pictures of one size that are held in memory, a byte a pixel. */
import type { DataPart, ExampleDescription, InputEncoding, RowEncoding } from '../../protocol/sidecar';
import { fitExample, type Pixels } from '../images/framing';
import { type Dataset, type Examples, labelText } from './dataset';
import { pixelsOnly } from './reading';

export interface StoredPart {
  /** Picture by picture, row by row. */
  pixels: Uint8Array;
  labels: Uint8Array | Uint32Array;
  /** Which of the stored pictures make up this part, in its order; absent: all of them. */
  members?: Uint32Array;
  /** Lines of the table they were read from, counted from 1. */
  lines?: Uint32Array;
}

export interface StoredPicturesOptions {
  title: string;
  noun: string;
  framing: InputEncoding['framing'];
  height: number;
  width: number;
  classNames: string[];
  parts: Partial<Record<DataPart, StoredPart>>;
}

export class StoredPictures implements Dataset {
  readonly title: string;
  readonly noun: string;
  readonly framing: InputEncoding['framing'];
  readonly example: { kind: 'image'; height: number; width: number; channels: 1 };
  readonly target: { kind: 'classes'; classNames: string[] };
  private readonly parts: Partial<Record<DataPart, StoredPart>>;

  constructor({ title, noun, framing, height, width, classNames, parts }: StoredPicturesOptions) {
    this.title = title;
    this.noun = noun;
    this.framing = framing;
    this.example = { kind: 'image', height, width, channels: 1 };
    this.target = { kind: 'classes', classNames };
    this.parts = parts;
  }

  count(part: DataPart): number {
    const stored = this.parts[part];
    return stored?.members?.length ?? stored?.labels.length ?? 0;
  }

  label(part: DataPart, index: number): number {
    return this.parts[part]?.labels[this.position(part, index)] ?? 0;
  }

  async read(
    part: DataPart,
    indices: ArrayLike<number>,
    encoding: InputEncoding | RowEncoding,
  ): Promise<Examples> {
    const form = pixelsOnly(encoding);
    const size = form.height * form.width * form.channels;
    const values = new Uint8Array(indices.length * size);
    for (let row = 0; row < indices.length; row++)
      fitExample(this.pixels(part, indices[row] ?? 0), form, values.subarray(row * size, (row + 1) * size));
    return { indices: Uint32Array.from(indices), values };
  }

  async describeExample(part: DataPart, index: number): Promise<ExampleDescription> {
    const { width, height, data } = this.pixels(part, index);
    const line = this.parts[part]?.lines?.[this.position(part, index)];
    return {
      part,
      index,
      label: labelText(this, part, index),
      ...(line === undefined ? {} : { line }),
      thumbnail: { width, height, channels: 1, pixels: Buffer.from(data).toString('base64') },
    };
  }

  async close(): Promise<void> {}

  private position(part: DataPart, index: number): number {
    return this.parts[part]?.members?.[index] ?? index;
  }

  private pixels(part: DataPart, index: number): Pixels {
    const { width, height } = this.example;
    const start = this.position(part, index) * width * height;
    const data = this.parts[part]?.pixels.subarray(start, start + width * height) ?? new Uint8Array();
    return { width, height, channels: 1, data };
  }
}

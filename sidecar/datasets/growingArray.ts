/** A typed array that grows as numbers come in, up to a limit. */
import { SidecarError } from '../errors';

type Kind = Uint8ArrayConstructor | Uint32ArrayConstructor | Float64ArrayConstructor;

/** More than that is no table any more that training in memory is meant for. */
const maximumBytes = 1 << 30;

export class GrowingArray<K extends Kind> {
  private values: InstanceType<K>;
  private length = 0;

  /** @param where The file, for errors. */
  constructor(
    private readonly kind: K,
    private readonly where: string,
  ) {
    this.values = new kind(1024) as InstanceType<K>;
  }

  push(value: number): void {
    if (this.length === this.values.length) this.grow();
    this.values[this.length++] = value;
  }

  /** What came in so far; not a copy. */
  get all(): InstanceType<K> {
    return this.values.subarray(0, this.length) as InstanceType<K>;
  }

  private grow(): void {
    if (this.values.byteLength * 2 > maximumBytes) {
      throw new SidecarError('The table has more than a gigabyte of numbers; that is too much for memory.', {
        where: this.where,
        next: 'Train on a part of it.',
      });
    }
    const larger = new this.kind(this.values.length * 2) as InstanceType<K>;
    larger.set(this.values);
    this.values = larger;
  }
}

/** How fast training is now, and how long it will still take. */

/** Batches older than this say little about now. */
const windowSeconds = 5;
/** Judging an example takes about a third of training on it: one pass forward instead of one there and back. */
const assumedEvaluationShare = 1 / 3;

export class Throughput {
  private readonly batches: { examples: number; seconds: number }[] = [];
  private examples = 0;
  private seconds = 0;
  private hasWarmUp = false;
  private evaluationSeconds: number | undefined;

  /** @param seconds Since the batch before, all that is done in between included. */
  batch(examples: number, seconds: number): void {
    // The first batch also compiles kernels and makes the optimizer's variables: it is dropped for the second.
    if (this.batches.length === 1 && !this.hasWarmUp) {
      this.hasWarmUp = true;
      this.drop();
    }
    this.batches.push({ examples, seconds });
    this.examples += examples;
    this.seconds += seconds;
    while (this.seconds > windowSeconds && this.batches.length > 2) this.drop();
  }

  evaluated(seconds: number): void {
    this.evaluationSeconds = seconds;
  }

  get examplesPerSecond(): number {
    return this.examples / Math.max(this.seconds, 1e-6);
  }

  /** @param left Examples still to be trained on; evaluations still to be made, each of so many examples. */
  secondsLeft(left: { examples: number; evaluations: number; examplesEvaluated: number }): number {
    const each =
      this.evaluationSeconds ?? (left.examplesEvaluated / this.examplesPerSecond) * assumedEvaluationShare;
    return left.examples / this.examplesPerSecond + left.evaluations * each;
  }

  private drop(): void {
    const oldest = this.batches.shift();
    this.examples -= oldest?.examples ?? 0;
    this.seconds -= oldest?.seconds ?? 0;
  }
}

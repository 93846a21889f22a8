/** Writes that follow each other while training goes on. The first one that fails is told; those behind it are not made. */
export class WriteQueue {
  private last: Promise<void> = Promise.resolve();
  private failure: { error: unknown } | undefined;

  /** @param write Begins when those before it are done. */
  add(write: () => Promise<void>): void {
    this.last = this.last.then(async () => {
      if (this.failure) return;
      try {
        await write();
      } catch (error) {
        this.failure = { error };
      }
    });
  }

  /** @throws whatever a write has failed with by now */
  check(): void {
    if (this.failure) throw this.failure.error;
  }

  /** Resolves when everything is written. @throws as `check` */
  async done(): Promise<void> {
    await this.ended();
    this.check();
  }

  /** Resolves when nothing is being written any more, whether it failed or not. */
  async ended(): Promise<void> {
    await this.last;
  }
}

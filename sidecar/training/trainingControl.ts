/** What others may ask of a training under way: to pause, to go on, to stop. */
export class TrainingControl {
  private wake: (() => void) | undefined;
  private goingOn: Promise<void> | undefined;

  constructor(
    readonly run: string,
    readonly isCancelled: () => boolean,
    /** Aborted when the training is cancelled. */
    readonly signal: AbortSignal,
  ) {}

  get paused(): boolean {
    return this.goingOn !== undefined;
  }

  pause(): void {
    this.goingOn ??= new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** Also to be called when the training is cancelled, which ends a pause. */
  goOn(): void {
    this.wake?.();
    this.wake = undefined;
    this.goingOn = undefined;
  }

  /** Resolves when the pause is over; at once when there is none. */
  async whenGoingOn(): Promise<void> {
    await this.goingOn;
  }
}

/**
 * Scores of a picture that changes faster than they can be computed: one question at a time, and next the newest picture.
 */
import type { PictureSource } from '../../../protocol/sidecar';
import type { FromClassify, ToClassify } from '../../../protocol/webview';

type Answer = Extract<ToClassify, { type: 'scores' | 'noScores' }>;
/** The probabilities of all classes in the model's order, or why there are none. */
export type ScoresOrReason = Float32Array | string;

interface Question {
  picture: () => PictureSource;
  resolve: (scores: ScoresOrReason) => void;
}

export class LiveScores {
  private request = 0;
  private asked: Question | undefined;
  private next: Question | undefined;

  constructor(private readonly post: (message: FromClassify) => void) {}

  /** @param picture Is called when its turn comes; not at all when a newer one comes first. */
  ask(picture: () => PictureSource, resolve: (scores: ScoresOrReason) => void): void {
    this.next = { picture, resolve };
    this.askNext();
  }

  /** What is under way is not wanted any more. */
  forget(): void {
    this.next = undefined;
    if (this.asked) this.asked.resolve = () => {};
  }

  receive(answer: Answer): void {
    if (answer.request !== this.request || !this.asked) return;
    const { resolve } = this.asked;
    this.asked = undefined;
    resolve(answer.type === 'scores' ? new Float32Array(answer.probabilities) : answer.message);
    this.askNext();
  }

  private askNext(): void {
    if (this.asked || !this.next) return;
    this.asked = this.next;
    this.next = undefined;
    this.post({ type: 'score', request: ++this.request, picture: this.asked.picture() });
  }
}

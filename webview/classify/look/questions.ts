/** The webview's questions about a picture's insides, each with the promise of its answer. */
import type { FromClassify, LookAnswer, LookQuestion, ToClassify } from '../../../protocol/webview';

export type AnswerTo<Q extends LookQuestion> = Extract<LookAnswer, { kind: Q['kind'] }>;

/** Why there is no answer. The message is for people. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly cancelled: boolean,
  ) {
    super(message);
  }
}

export interface AskOptions {
  onProgress?: (fraction: number, message: string) => void;
  /** Aborting cancels the work. */
  signal?: AbortSignal;
}

interface Open {
  resolve: (answer: LookAnswer) => void;
  reject: (refusal: Refusal) => void;
  onProgress: AskOptions['onProgress'];
}

export class Questions {
  private readonly open = new Map<number, Open>();
  // Not from 1: answers to questions of this webview's earlier life may still be on their way.
  private last = Date.now();

  constructor(private readonly post: (message: FromClassify) => void) {}

  /** @throws Refusal */
  ask<Q extends LookQuestion>(session: string, about: Q, options: AskOptions = {}): Promise<AnswerTo<Q>> {
    const { onProgress, signal } = options;
    if (signal?.aborted) return Promise.reject(new Refusal('Cancelled.', true));
    const question = ++this.last;
    return new Promise<AnswerTo<Q>>((resolve, reject) => {
      this.open.set(question, { resolve: (answer) => resolve(answer as AnswerTo<Q>), reject, onProgress });
      signal?.addEventListener('abort', () => {
        if (this.open.has(question)) this.post({ type: 'cancel', question });
      });
      this.post({ type: 'ask', question, session, about });
    });
  }

  /** Takes the messages that are meant for it. */
  receive(message: ToClassify): void {
    if (message.type !== 'answer' && message.type !== 'refused' && message.type !== 'progress') return;
    const waiting = this.open.get(message.question);
    if (!waiting) return;
    if (message.type === 'progress') {
      waiting.onProgress?.(message.fraction, message.message);
      return;
    }
    this.open.delete(message.question);
    if (message.type === 'answer') waiting.resolve(message.answer);
    else waiting.reject(new Refusal(message.message, message.cancelled));
  }
}

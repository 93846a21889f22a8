import * as vscode from 'vscode';
import type { LookAnswer, LookQuestion, ToClassify } from '../../protocol/webview';
import { Disposable } from '../disposable';
import { type ErrorReporter, isCancellation, messageOf } from '../errors';
import type { Compute } from '../sidecar/compute';
import type { PictureSession } from './pictureSession';

/** Work for one question, and for all that ask the same meanwhile. */
interface Work {
  answer: Promise<LookAnswer>;
  cancellation: vscode.CancellationTokenSource;
  /** Who waits for it. */
  questions: Set<number>;
}

/** Long work whose answers are kept: few are large. */
const longKinds: readonly LookQuestion['kind'][] = ['attribution', 'excite'];
const answersKept = 24;

/**
 * Answers the classify panel's questions about the insides of the pictures it shows. A webview that is hidden in the
 * middle of long work is thrown away; when it is shown again it asks again, and gets what was computed meanwhile.
 */
export class LookingInside extends Disposable {
  /** By what is asked of which picture; the oldest first. */
  private readonly works = new Map<string, Work>();
  private lastToken = 0;
  /** Progress tokens of works under way. */
  private readonly tokens = new Map<string, Work>();

  /** @param sessionOf The picture that the webview knows by this name; undefined when it is not shown any more. */
  constructor(
    compute: Compute,
    private readonly sessionOf: (name: string) => PictureSession | undefined,
    private readonly post: (message: ToClassify) => void,
    private readonly reporter: ErrorReporter,
  ) {
    super();
    this.register(
      compute.onInferenceProgress(({ token, fraction, message }) => {
        for (const question of this.tokens.get(token)?.questions ?? []) {
          this.post({ type: 'progress', question, fraction, message });
        }
      }),
    );
  }

  async answer(question: number, sessionName: string, about: LookQuestion): Promise<void> {
    const session = this.sessionOf(sessionName);
    if (!session) return this.refuse(question, 'This picture is not shown any more.', true);
    const work = this.workFor(`${sessionName} ${JSON.stringify(about)}`, session, about);
    work.questions.add(question);
    try {
      this.post({ type: 'answer', question, answer: await work.answer });
    } catch (error) {
      this.reporter.note('Looking inside', error);
      const cancelled = work.cancellation.token.isCancellationRequested || isCancellation(error);
      this.refuse(question, messageOf(error), cancelled);
    } finally {
      work.questions.delete(question);
    }
  }

  cancel(question: number): void {
    for (const { questions, cancellation } of this.works.values()) {
      if (questions.has(question)) cancellation.cancel();
    }
  }

  /** The pictures are not shown any more. */
  cancelAll(): void {
    for (const { cancellation } of this.works.values()) cancellation.cancel();
    this.works.clear();
  }

  override dispose(): void {
    this.cancelAll();
    super.dispose();
  }

  /** What is under way or was computed for the same question, else new work. */
  private workFor(key: string, session: PictureSession, about: LookQuestion): Work {
    const known = this.works.get(key);
    if (known && !known.cancellation.token.isCancellationRequested) return known;
    const cancellation = new vscode.CancellationTokenSource();
    const progress = `look-${++this.lastToken}`;
    const answer = this.ask(session, progress, about, cancellation.token);
    const work: Work = { answer, cancellation, questions: new Set() };
    this.works.set(key, work);
    this.tokens.set(progress, work);
    const forget = () => {
      if (this.works.get(key) === work) this.works.delete(key);
    };
    answer
      // What failed is tried anew, and what is quick is not worth the memory.
      .then(() => longKinds.includes(about.kind) || forget(), forget)
      .finally(() => this.tokens.delete(progress));
    if (this.works.size > answersKept) {
      // Never one that somebody waits for: it could not be cancelled any more.
      const [oldest] = [...this.works].find(([, { questions }]) => questions.size === 0) ?? [];
      if (oldest !== undefined && oldest !== key) this.works.delete(oldest);
    }
    return work;
  }

  private refuse(question: number, message: string, cancelled: boolean): void {
    this.post({ type: 'refused', question, message, cancelled });
  }

  private async ask(
    session: PictureSession,
    progress: string,
    about: LookQuestion,
    token: vscode.CancellationToken,
  ): Promise<LookAnswer> {
    switch (about.kind) {
      case 'maps': {
        const { shape, layout, data } = await session.ask('activation', { layer: about.layer }, token);
        return { kind: 'maps', shape, ...(layout ? { layout } : {}), data: bytesOf(data) };
      }
      case 'classes':
        return { kind: 'classes', ...(await session.ask('classScores', {}, token)) };
      case 'cell': {
        const { layer, index } = about;
        return { kind: 'cell', explanation: await session.ask('explainCell', { layer, index }, token) };
      }
      case 'attribution': {
        const { kind, ...params } = about;
        const { data, ...map } = await session.ask('attribution', { ...params, progress }, token);
        return { kind, ...map, data: bytesOf(data) };
      }
      case 'filters': {
        const { data, ...rest } = await session.ask('filters', { layer: about.layer }, token);
        return { kind: 'filters', ...rest, data: bytesOf(data) };
      }
      case 'excite': {
        const { kind, ...params } = about;
        const { pixels, ...rest } = await session.ask('excite', { ...params, progress }, token);
        return { kind, ...rest, pixels: bytesOf(pixels) };
      }
    }
  }
}

/** A buffer of its own: Node's comes from a pool and may lie at any offset. */
function bytesOf(base64: string): ArrayBuffer {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

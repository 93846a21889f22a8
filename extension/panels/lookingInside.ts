import * as vscode from 'vscode';
import type { LookAnswer, LookQuestion, ToClassify } from '../../protocol/webview';
import { Disposable } from '../disposable';
import { type ErrorReporter, isCancellation, messageOf } from '../errors';
import type { Compute } from '../sidecar/compute';
import type { PictureSession } from './pictureSession';

/** Answers the classify panel's questions about the insides of the pictures it shows. */
export class LookingInside extends Disposable {
  /** Questions under way. */
  private readonly open = new Map<number, vscode.CancellationTokenSource>();

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
        const question = this.questionOf(token);
        if (question !== undefined) this.post({ type: 'progress', question, fraction, message });
      }),
    );
  }

  async answer(question: number, sessionName: string, about: LookQuestion): Promise<void> {
    const session = this.sessionOf(sessionName);
    if (!session) return this.refuse(question, 'This picture is not shown any more.', true);
    const cancellation = new vscode.CancellationTokenSource();
    this.open.set(question, cancellation);
    try {
      const answer = await this.ask(session, question, about, cancellation.token);
      this.post({ type: 'answer', question, answer });
    } catch (error) {
      this.reporter.note('Looking inside', error);
      const cancelled = cancellation.token.isCancellationRequested || isCancellation(error);
      this.refuse(question, messageOf(error), cancelled);
    } finally {
      // A reloaded webview counts from the start again.
      if (this.open.get(question) === cancellation) this.open.delete(question);
      cancellation.dispose();
    }
  }

  cancel(question: number): void {
    this.open.get(question)?.cancel();
  }

  /** Nobody waits for the answers any more: a new webview asks anew. */
  cancelAll(): void {
    for (const cancellation of this.open.values()) cancellation.cancel();
  }

  override dispose(): void {
    this.cancelAll();
    super.dispose();
  }

  private refuse(question: number, message: string, cancelled: boolean): void {
    this.post({ type: 'refused', question, message, cancelled });
  }

  private async ask(
    session: PictureSession,
    question: number,
    about: LookQuestion,
    token: vscode.CancellationToken,
  ): Promise<LookAnswer> {
    const progress = this.progressToken(question);
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

  private progressToken(question: number): string {
    return `look-${question}`;
  }

  private questionOf(token: string): number | undefined {
    return [...this.open.keys()].find((question) => this.progressToken(question) === token);
  }
}

/** A buffer of its own: Node's comes from a pool and may lie at any offset. */
function bytesOf(base64: string): ArrayBuffer {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

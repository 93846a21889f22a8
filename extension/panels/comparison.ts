import { randomUUID } from 'node:crypto';
import type { Classification, ClassifyParams } from '../../protocol/sidecar';
import type { ToClassify } from '../../protocol/webview';
import type { ComparedRecord } from '../classify/classifyStore';
import { isCancellation, messageOf } from '../errors';
import type { Compute } from '../sidecar/compute';
import { PictureSession } from './pictureSession';

/** What the classify panel's picture is compared with: another picture, another model, or the run before its training. */
export class Comparison {
  private session: PictureSession | undefined;
  /** What the webview has to know of it. */
  message: ToClassify = { type: 'noComparison' };
  private name: string | undefined;
  /** The request under way; an older one's answer is not shown. */
  private latest = 0;

  constructor(
    private readonly compute: Compute,
    private readonly post: (message: ToClassify) => void,
    /** To have it again after a reload of the window; undefined: nothing is compared any more. */
    private readonly remember: (record: ComparedRecord | undefined) => void,
  ) {}

  /** The picture that the webview knows by this name. */
  sessionOf(name: string): PictureSession | undefined {
    return name === this.name ? this.session : undefined;
  }

  /** `note`: what sets this model apart from one of the same name, in a few words; empty: nothing has to. */
  async start(params: ClassifyParams, imageName: string, note: string): Promise<void> {
    const record = { params, imageName, note };
    if (await this.classify(record)) this.remember(record);
  }

  /** What was compared before the window was reloaded, as the picture and the model are now. */
  async startAgain(record: ComparedRecord): Promise<void> {
    await this.classify(record, 'The comparison from before the window was reloaded cannot be shown again. ');
  }

  /** @returns whether this is what is compared from now on. `failing`: what its failure means. */
  private async classify({ params, imageName, note }: ComparedRecord, failing = ''): Promise<boolean> {
    const request = ++this.latest;
    this.become({ type: 'comparing', message: `Classifying ${imageName}…` });
    const session = new PictureSession(this.compute, params);
    try {
      const result = await session.classify();
      if (request !== this.latest) return false;
      this.session = session;
      // Processes count their sessions from one: two of them may give one name.
      this.name = `compared-${randomUUID()}`;
      const named: Classification = { ...result, session: this.name };
      const modelName = note ? `${result.model}, ${note}` : result.model;
      this.become({ type: 'comparison', imageName, modelName, result: named });
      return true;
    } catch (error) {
      if (request !== this.latest) return false;
      this.become(
        isCancellation(error)
          ? { type: 'noComparison' }
          : { type: 'comparisonFailed', message: `${failing}${messageOf(error)}` },
      );
      return false;
    }
  }

  stop(): void {
    this.latest++;
    this.session = undefined;
    this.name = undefined;
    this.remember(undefined);
    this.become({ type: 'noComparison' });
  }

  private become(message: ToClassify): void {
    this.message = message;
    this.post(message);
  }
}

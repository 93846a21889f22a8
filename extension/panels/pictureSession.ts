import type * as vscode from 'vscode';
import type { Classification, ClassifyParams } from '../../protocol/sidecar';
import type { Compute, ComputeMethod, ComputeParams, ComputeResult } from '../sidecar/compute';

/** What can be asked of a classified picture. */
export type SessionMethod = {
  [M in ComputeMethod]: ComputeParams<M> extends { session: string } ? M : never;
}[ComputeMethod];
type WithoutSession<M extends SessionMethod> = Omit<ComputeParams<M>, 'session'>;

/**
 * A classified picture whose insides can be asked for. The compute process that classified it may be gone (a crash, a
 * reload); classifying is deterministic, so a new one classifies it again and answers alike, and who asks need not know.
 */
export class PictureSession {
  /** The session's name in the compute process, and which process that was. */
  private live: { session: string; generation: number } | undefined;
  private reviving: Promise<Classification> | undefined;

  constructor(
    private readonly compute: Compute,
    readonly params: ClassifyParams,
  ) {}

  /** With the picture as the network sees it, and a summary of what every layer put out. */
  classify(token?: vscode.CancellationToken): Promise<Classification> {
    return this.open({ details: true }, token);
  }

  private async open(
    wanted: Pick<ClassifyParams, 'details'>,
    token?: vscode.CancellationToken,
  ): Promise<Classification> {
    const result = await this.compute.request('classify', { ...this.params, ...wanted }, token);
    this.live = { session: result.session, generation: this.compute.generation };
    return result;
  }

  async ask<M extends SessionMethod>(
    method: M,
    params: WithoutSession<M>,
    token?: vscode.CancellationToken,
  ): Promise<ComputeResult<M>> {
    const session = await this.known();
    return this.compute.request(method, { ...params, session } as unknown as ComputeParams<M>, token);
  }

  private async known(): Promise<string> {
    const { live, compute } = this;
    if (live && live.generation === compute.generation && compute.state === 'running') return live.session;
    this.reviving ??= this.open({}).finally(() => {
      this.reviving = undefined;
    });
    return (await this.reviving).session;
  }
}

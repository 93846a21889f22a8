import * as vscode from 'vscode';
import type { ComputeContext } from '../context';

/** Ends the compute process and starts a new one. */
export async function restartSidecar({ compute, training }: ComputeContext): Promise<void> {
  if (training.isRunning) {
    const restart = 'Restart';
    const answer = await vscode.window.showWarningMessage(
      `${training.latest!.state.modelName} is being trained. Restarting the compute process interrupts that.`,
      { modal: true },
      restart,
    );
    if (answer !== restart) return;
  }
  await compute.restart();
}

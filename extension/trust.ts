import * as vscode from 'vscode';
import { UserFacingError } from './errors';

/** Fails unless the workspace is trusted. `what` begins the message: `Training`, `Classifying`. */
export function requireTrust(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new UserFacingError(
    `${what} starts a process that reads files of this workspace, so it waits until you trust the workspace. Shapes, diagrams and checks work without trust.`,
    [
      {
        title: 'Manage Trust',
        run: () => vscode.commands.executeCommand('workbench.trust.manage'),
      },
    ],
    'warning',
  );
}

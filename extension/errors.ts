import * as vscode from 'vscode';
import type { z } from 'zod';

/** A button of a message: its title and what it does. */
export interface MessageAction {
  title: string;
  run(): unknown;
}

/** Something the user can act on. Its message stands on its own: what happened, where, what to do next. */
export class UserFacingError extends Error {
  override readonly name = 'UserFacingError';

  constructor(
    message: string,
    readonly actions: readonly MessageAction[] = [],
    readonly severity: 'error' | 'warning' | 'information' = 'error',
  ) {
    super(message);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What is wrong with a message that does not have the agreed form: the first issue is enough to find the cause. */
export function describeInvalid(what: string, { issues }: z.ZodError): Error {
  const [first] = issues;
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : '';
  return new Error(`${what} is not as agreed: ${first?.path.join('.')}: ${first?.message}${more}`);
}

export function isCancellation(error: unknown): boolean {
  return error instanceof vscode.CancellationError || (error instanceof Error && error.name === 'Canceled');
}

/** Shows a message with buttons, and runs the one that is chosen. Resolves when the message is gone. */
export async function showMessage(
  severity: 'error' | 'warning' | 'information',
  message: string,
  actions: readonly MessageAction[] = [],
): Promise<void> {
  const titles = actions.map(({ title }) => title);
  const chosen =
    severity === 'error'
      ? await vscode.window.showErrorMessage(message, ...titles)
      : severity === 'warning'
        ? await vscode.window.showWarningMessage(message, ...titles)
        : await vscode.window.showInformationMessage(message, ...titles);
  await actions.find(({ title }) => title === chosen)?.run();
}

/**
 * The last stop of every error: the log always gets it, the user gets a message. Nothing that VS Code calls (commands,
 * event handlers, message handlers) may end in an unhandled rejection, so all of them go through here.
 */
export class ErrorReporter {
  constructor(private readonly log: vscode.LogOutputChannel) {}

  /** Wraps a command: its error becomes a message. */
  command<A extends unknown[], R>(
    what: string,
    handler: (...args: A) => R | Promise<R>,
  ): (...args: A) => Promise<R | undefined> {
    return async (...args) => {
      try {
        return await handler(...args);
      } catch (error) {
        this.report(what, error);
        return undefined;
      }
    };
  }

  /** Wraps an event handler that nobody asked for by hand: its error goes to the log only. */
  background<A extends unknown[]>(what: string, handler: (...args: A) => unknown): (...args: A) => void {
    return (...args) => {
      try {
        void Promise.resolve(handler(...args)).catch((error) => this.note(what, error));
      } catch (error) {
        this.note(what, error);
      }
    };
  }

  /** To the log alone. */
  note(what: string, error: unknown): void {
    if (isCancellation(error)) return;
    const isExplained = !(error instanceof Error) || error instanceof UserFacingError;
    this.log.error(`${what}: ${isExplained ? messageOf(error) : (error.stack ?? error.message)}`);
  }

  /** To the log, and to the user without waiting for an answer. */
  report(what: string, error: unknown): void {
    if (isCancellation(error)) return;
    if (error instanceof UserFacingError) {
      this.log.info(`${what}: ${error.message}`);
      this.show(error.severity, error.message, error.actions);
    } else {
      this.note(what, error);
      this.show('error', `${what}: ${messageOf(error)}`, [this.showLog]);
    }
  }

  /** Shows a message whose buttons may fail, without waiting for an answer. */
  show(
    severity: 'error' | 'warning' | 'information',
    message: string,
    actions: readonly MessageAction[] = [],
  ): void {
    void showMessage(severity, message, actions).catch((error) => this.report('Layerwise', error));
  }

  readonly showLog: MessageAction = { title: 'Show Log', run: () => this.log.show(true) };
}

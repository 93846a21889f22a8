/** Programs of one statement a line, run in real tfjs: what they make, and where they throw. */
import * as tf from '@tensorflow/tfjs';

export interface ProgramRun {
  /** What each `const` holds. */
  scope: Record<string, unknown>;
  /** The statement that threw, by its line from 0; the program ends there. */
  throws?: { line: number; message: string };
}

export function runInTfjs(lines: readonly string[]): ProgramRun {
  const scope: Record<string, unknown> = {};
  for (const [line, statement] of lines.entries()) {
    const [, name, expression] = /^const (\w+) = (.*);$/.exec(statement) ?? [];
    try {
      // The statement as it stands, with the variables made so far in scope.
      const value = new Function('tf', ...Object.keys(scope), name ? `return ${expression}` : statement)(
        tf,
        ...Object.values(scope),
      );
      if (name) scope[name] = value;
    } catch (error) {
      return { scope, throws: { line, message: error instanceof Error ? error.message : String(error) } };
    }
  }
  return { scope };
}

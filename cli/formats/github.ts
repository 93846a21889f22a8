/** Workflow commands that GitHub Actions shows as annotations in a pull request. */
import type { CheckResult } from '../findings';

const levels = { error: 'error', warning: 'warning', information: 'notice' } as const;

export function githubReport({ findings }: CheckResult): string {
  return findings
    .map(({ path, range, severity, code, message }) => {
      const properties = Object.entries({
        file: path,
        line: range.start.line + 1,
        col: range.start.character + 1,
        title: code,
      }).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
      return `::${levels[severity]} ${properties.join(',')}::${escapeData(message)}`;
    })
    .join('\n');
}

/** Mirrors escapeData of GitHub's actions/toolkit, packages/core/src/command.ts. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Mirrors escapeProperty there: these separate properties. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

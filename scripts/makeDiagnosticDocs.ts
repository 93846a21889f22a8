/**
 * Writes docs/diagnostics/ from the comments that open the files of language-server/diagnostics/.
 * Usage: npx tsx scripts/makeDiagnosticDocs.ts
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '..');
const sources = path.join(root, 'language-server/diagnostics');
export const docsFolder = path.join(root, 'docs/diagnostics');

export interface DiagnosticPage {
  code: string;
  /** Markdown. */
  text: string;
}

/** One page for each file that opens with a comment whose title is a code, in order of the codes. */
export function diagnosticPages(): DiagnosticPage[] {
  return readdirSync(sources)
    .flatMap((file): DiagnosticPage[] => {
      const comment = /^\/\*\*\n([\s\S]*?)\n \*\/\n/.exec(
        readFileSync(path.join(sources, file), 'utf8'),
      )?.[1];
      const text = comment?.replace(/^ \* ?/gm, '') ?? '';
      const code = /^# ([a-z-]+)\n/.exec(text)?.[1];
      return code ? [{ code, text: `${text}\n` }] : [];
    })
    .sort((left, right) => (left.code < right.code ? -1 : 1));
}

/** Every file of the folder, by its name. */
export function diagnosticDocs(): Map<string, string> {
  const pages = diagnosticPages();
  const list = pages.map(({ code, text }) => `| [${code}](${code}.md) | ${summaryOf(text)} |`);
  const index = `# Diagnostics

What Layerwise reports in the editor and with \`layerwise check\`. An error is what tfjs throws when the model is built,
compiled or first used; a warning is what it lets pass though it makes no sense. Each page has a program that is wrong and
the same program put right; a test runs both through tfjs.

| diagnostic | what it says |
| :-- | :-- |
${list.join('\n')}
`;
  return new Map([
    ['README.md', index],
    ...pages.map(({ code, text }): [string, string] => [`${code}.md`, text]),
  ]);
}

/** The first sentence behind the severity. */
function summaryOf(text: string): string {
  const [, paragraph = ''] = text.split('\n\n');
  const plain = paragraph.replace(/\n/g, ' ').replace(/^(Error|Warning|Error or warning)\. /, '');
  return /^.*?[^.]\.(?= |$)/.exec(plain)?.[0] ?? plain;
}

if (require.main === module) {
  rmSync(docsFolder, { recursive: true, force: true });
  mkdirSync(docsFolder, { recursive: true });
  for (const [name, text] of diagnosticDocs()) writeFileSync(path.join(docsFolder, name), text);
}

/** Every code has a page, every page a code; and the programs on the pages do what the pages say, in tfjs too. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import ts from 'typescript';
import { diagnosticKinds } from '../../../language-server/diagnostics';
import { diagnosticDocs, diagnosticPages, docsFolder } from '../../../scripts/makeDiagnosticDocs';
import { analyseText, prelude } from '../analysis/check';

describe('pages of the diagnostics', () => {
  const pages = diagnosticPages();

  it('are those that the sources say; to write them anew: npx tsx scripts/makeDiagnosticDocs.ts', () => {
    const written = new Map(
      readdirSync(docsFolder).map((name) => [name, readFileSync(path.join(docsFolder, name), 'utf8')]),
    );
    assert.deepEqual(sorted(written), sorted(diagnosticDocs()));
  });

  it('exist for exactly the codes that can be raised', () => {
    assert.deepEqual(
      pages.map(({ code }) => code),
      [...codesInSources()].sort(),
    );
    assert.deepEqual(
      diagnosticKinds.map(({ code }) => code),
      pages.map(({ code }) => code),
    );
  });

  for (const { code, text } of pages) {
    it(code, () => {
      const wrong = programUnder(text, 'Wrong');
      const right = programUnder(text, 'Right');
      const { problems } = analyseText(prelude + wrong);
      const found = problems.filter((problem) => problem.code === code);
      assert.ok(found.length > 0, `raised by the wrong program, not ${problems.map((one) => one.code)}`);
      assert.deepEqual(analyseText(prelude + right).problems, [], 'nothing is wrong with the right one');
      const throws = found.some(
        ({ severity, stage }) => severity === 'error' && ['create', 'apply', 'compile'].includes(stage),
      );
      if (throws) assert.throws(() => run(wrong), `tfjs throws for\n${wrong}`);
      else run(withoutFit(wrong));
      run(withoutFit(right));
    });
  }
});

function sorted(files: Map<string, string>): [string, string][] {
  return [...files].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** In what raises problems, every string in kebab case is a code. */
function codesInSources(): Set<string> {
  const codes = new Set<string>();
  const files = ['model-graph/layers', 'model-graph/checks', 'language-server/analysis'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.join(folder, file)),
  );
  for (const file of [...files, 'model-graph/topology.ts']) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
      if (ts.isStringLiteralLike(node) && /^[a-z]+(-[a-z]+)+$/.test(node.text)) codes.add(node.text);
      if (ts.isTemplateExpression(node) && node.head.text === 'unknown-') {
        for (const kind of ['initializer', 'regularizer', 'constraint']) codes.add(`unknown-${kind}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return codes;
}

function programUnder(page: string, title: string): string {
  return (
    new RegExp(`## ${title}\n\n\`\`\`ts\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? assert.fail(`no ${title}`)
  );
}

function run(program: string): void {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    tf.tidy(() => new Function('tf', program)(tf));
  } finally {
    console.warn = warn;
  }
}

/** Training goes on behind the program's end: what `fit` throws is tested with the checks themselves. */
function withoutFit(program: string): string {
  return program.replace(/^model\.fit\(.*\n/gm, '');
}

/**
 * Who may import what, and that no imports form a cycle: ARCHITECTURE.md's invariants. Every import of every source file
 * is read with TypeScript's parser (`import`, `export … from`, `import()`, `require()`, `import x = require()`, type
 * imports too).
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import ts from 'typescript';

const root = path.resolve(__dirname, '../..');

/** The parts, the longest folder first: a file belongs to the first that its path starts with. */
const parts = [
  'language-server/analysis',
  'language-server/features',
  'language-server',
  'model-graph',
  'protocol',
  'extension',
  'sidecar',
  'webview',
  'cli',
] as const;
type Part = (typeof parts)[number];

const packages = {
  vscode: (name: string) => name === 'vscode',
  languageServerProtocol: (name: string) =>
    /^vscode-(languageserver|languageclient|jsonrpc)(-|$)/.test(name) &&
    name !== 'vscode-languageserver-textdocument',
  compute: (name: string) => /^(@tensorflow|onnxruntime-|sharp$|@img\/)/.test(name),
  userInterface: (name: string) =>
    ['preact', 'uplot', 'elkjs', '@vscode/webview-ui-toolkit', '@vscode/codicons'].includes(name),
  nodeBuiltin: (name: string) => name.startsWith('node:') || builtinModules.includes(name.split('/')[0]!),
};
type PackageKind = keyof typeof packages;

interface Boundary {
  /** Parts that may be imported besides the part itself. */
  parts: Part[];
  /** Kinds of packages that may be imported; a package of no kind (zod, typescript, commander) may be. */
  kinds: PackageKind[];
  /** If given: the only packages, of whatever kind. */
  packages?: string[];
}

const boundaries: Record<Part, Boundary> = {
  // Its writers take the form that travels between processes; protocol/ itself is only schemas.
  'model-graph': { parts: ['protocol'], kinds: [] },
  'language-server/analysis': { parts: ['model-graph'], kinds: [] },
  'language-server/features': {
    parts: ['language-server', 'language-server/analysis', 'model-graph', 'protocol'],
    kinds: ['languageServerProtocol'],
  },
  'language-server': {
    parts: ['language-server/analysis', 'language-server/features', 'model-graph', 'protocol'],
    kinds: ['languageServerProtocol', 'nodeBuiltin'],
  },
  protocol: { parts: ['model-graph'], kinds: [], packages: ['zod'] },
  // `sidecar/connect` is the sidecar's own client: how it is started and spoken to.
  extension: {
    parts: ['protocol', 'model-graph', 'sidecar', 'webview'],
    kinds: ['vscode', 'languageServerProtocol', 'nodeBuiltin'],
  },
  sidecar: {
    parts: ['protocol', 'model-graph'],
    kinds: ['compute', 'languageServerProtocol', 'nodeBuiltin'],
  },
  webview: { parts: ['protocol', 'model-graph'], kinds: ['userInterface'], packages: ['zod'] },
  cli: {
    parts: ['language-server', 'language-server/analysis', 'model-graph', 'protocol', 'sidecar'],
    kinds: ['languageServerProtocol', 'nodeBuiltin'],
  },
};

/** What only some files of another part may be imported for: elsewhere the whole part is open. */
const openFiles: { from: Part[]; to: Part; files: RegExp }[] = [
  // Never the sidecar's inside, which would bring tfjs into the extension host.
  { from: ['extension', 'cli'], to: 'sidecar', files: /^sidecar\/(connect(\/|\.ts$|$)|runs\/runStatus$)/ },
  // The page around a webview's bundle: text.
  { from: ['extension'], to: 'webview', files: /^webview\/shell$/ },
];

describe('import boundaries', function () {
  // Every source file is parsed.
  this.timeout(60_000);

  for (const part of parts) {
    it(`${part}/ imports only what it may`, () => {
      const problems = sourceFiles(part).flatMap((file) =>
        violations(file, readFileSync(path.join(root, file), 'utf8')),
      );
      assert.deepEqual(problems, []);
    });
  }

  it('sees forbidden imports in whatever form', () => {
    const cases: [file: string, text: string, count: number][] = [
      ['model-graph/x.ts', `import * as vscode from 'vscode';`, 1],
      ['model-graph/x.ts', `import type { Tensor } from '@tensorflow/tfjs';`, 1],
      ['model-graph/rules/x.ts', `import { readFileSync } from 'node:fs';\nimport path from 'path';`, 2],
      ['language-server/analysis/x.ts', `export { Range } from 'vscode-languageserver';`, 1],
      ['extension/x.ts', `import { Diagram } from '../webview/diagram/main';`, 1],
      ['language-server/analysis/x.ts', `import { toWire } from '../../protocol/modelGraph';`, 1],
      ['language-server/features/x.ts', `const fs = require('fs/promises');`, 1],
      ['webview/diagram/x.tsx', `import sidecar = require('../../sidecar/main');`, 1],
      ['webview/x.ts', `const lodash = await import('lodash');`, 1],
      ['sidecar/x.ts', `let x: import('vscode').Uri;`, 1],
      ['extension/x.ts', `import { train } from '../sidecar/training';`, 1],
      [
        'extension/x.ts',
        `import { connect } from '../sidecar/connect';\nimport * as vscode from 'vscode';`,
        0,
      ],
      ['language-server/analysis/x.ts', `import ts from 'typescript';\nimport '../../model-graph/dims';`, 0],
      ['webview/x.tsx', `import { render } from 'preact/hooks';\nimport './style.css';`, 0],
    ];
    for (const [file, text, count] of cases) {
      assert.equal(violations(file, text).length, count, `${file}: ${text} → ${violations(file, text)}`);
    }
  });

  it('no file needs itself, by whatever way: imports form no cycle, not of types either', () => {
    assert.deepEqual(cyclesOf(importGraph()), []);
  });

  it('sees cycles', () => {
    const graph = (edges: Record<string, string[]>) => new Map(Object.entries(edges));
    assert.deepEqual(cyclesOf(graph({ a: ['b', 'c'], b: ['c'], c: [] })), []);
    assert.deepEqual(cyclesOf(graph({ a: ['b'], b: ['c'], c: ['b', 'd'], d: [] })), ['b → c → b']);
    assert.deepEqual(cyclesOf(graph({ a: ['a'] })), ['a → a']);
    assert.deepEqual(cyclesOf(graph({ a: ['b'], b: ['a'], c: ['d'], d: ['e'], e: ['c'] })), [
      'a → b → a',
      'c → d → e → c',
    ]);
  });

  it('reads files of every part', () => {
    assert.ok([...importGraph().values()].flat().length > 1000, 'imports are followed to their files');
    for (const part of parts) assert.ok(sourceFiles(part).length > 0, `${part}/ has source files`);
  });
});

/** What each source and test file imports of the others. */
function importGraph(): Map<string, string[]> {
  const known = new Set([...parts, 'bench', 'scripts', 'test'].flatMap(filesIn));
  return new Map(
    [...known].map((file) => {
      const imports = importsOf(file, readFileSync(path.join(root, file), 'utf8')).flatMap((specifier) => {
        if (!specifier.startsWith('.')) return [];
        const target = path.posix.join(path.posix.dirname(file), specifier);
        return (
          [target, `${target}.ts`, `${target}.tsx`, `${target}/index.ts`].find((each) => known.has(each)) ??
          []
        );
      });
      return [file, imports];
    }),
  );
}

/** One line for each cycle that a walk along the imports closes; none where there is no cycle. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (file: string): void => {
    const at = way.indexOf(file);
    if (at >= 0) cycles.push([...way.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    way.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    way.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}

function filesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('node_modules/'));
}

function sourceFiles(part: Part): string[] {
  return filesIn(part).filter((file) => partOf(file) === part);
}

function partOf(file: string): Part | undefined {
  return parts.find((part) => file === part || file.startsWith(`${part}/`));
}

/** One line for each import of the file that its part does not allow. */
function violations(file: string, text: string): string[] {
  const part = partOf(file)!;
  const boundary = boundaries[part];
  return importsOf(file, text).flatMap((specifier) => {
    const allowed = specifier.startsWith('.')
      ? mayImportFile(part, boundary, path.posix.join(path.posix.dirname(file), specifier))
      : mayImportPackage(boundary, specifier);
    return allowed ? [] : [`${file} must not import ${specifier}`];
  });
}

function mayImportFile(part: Part, boundary: Boundary, target: string): boolean {
  const other = partOf(target);
  if (other === part) return true;
  if (!other || !boundary.parts.includes(other)) return false;
  const limit = openFiles.find(({ from, to }) => from.includes(part) && to === other);
  return !limit || limit.files.test(target);
}

function mayImportPackage(boundary: Boundary, specifier: string): boolean {
  const segments = specifier.split('/');
  const name = specifier.startsWith('@') ? segments.slice(0, 2).join('/') : segments[0]!;
  const kind = (Object.keys(packages) as PackageKind[]).find((each) => packages[each](name));
  if (kind) return boundary.kinds.includes(kind);
  return boundary.packages?.includes(name) ?? true;
}

function importsOf(file: string, text: string): string[] {
  const found: string[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier && ts.isStringLiteralLike(specifier)) found.push(specifier.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (!ts.isCallExpression(node)) return undefined;
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
  return isRequire || node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments[0] : undefined;
}

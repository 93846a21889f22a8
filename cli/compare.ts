/** `layerwise compare A B…` */
import { analyze, ParsedFiles } from '../language-server/analysis/analyze';
import {
  compareModels,
  countDifferences,
  differencesBetween,
  type RowDifference,
} from '../model-graph/comparison/compare';
import type { ComparedLayer } from '../model-graph/comparison/layers';
import { type ComparedTotals, totalsOf } from '../model-graph/comparison/totals';
import type { ModelGraph } from '../model-graph/graph';
import { readModelJson } from '../model-graph/readers/modelJson';
import { readOnnx } from '../model-graph/readers/onnx';
import { shapeText } from '../model-graph/shapeText';
import { toWire, type WireModelGraph } from '../protocol/modelGraph';
import { print } from './output';
import { analysisPath, readBytes, readSource, unreadableMessage } from './sourceFiles';
import { splitReference } from './train/chooseModel';
import { UsageError } from './usageError';

interface NamedModel {
  /** As it was asked for. */
  reference: string;
  graph: WireModelGraph;
}

/** Prints what differs from each model to the next. Returns the exit code. */
export function compare(references: string[], format: 'text' | 'json'): number {
  if (references.length < 2)
    throw new UsageError('compare: give two models or more, e.g. layerwise compare old.ts new.ts');
  const models = references.map((reference) => ({ reference, graph: modelOf(reference) }));
  print(format === 'json' ? JSON.stringify(comparisonJson(models), null, 2) : comparisonText(models));
  return 0;
}

function modelOf(reference: string): WireModelGraph {
  const { file, name } = splitReference(reference);
  const bytes = readBytes(file);
  if (bytes === undefined) throw new UsageError(unreadableMessage(file));
  const models = modelsIn(file, bytes);
  const found = name === undefined ? models : models.filter((model) => model.name === name);
  const [model] = found;
  const names = models.map((one) => `${file}#${one.name}`).join(', ');
  if (models.length === 0) throw new UsageError(`${file} builds no model.`);
  if (!model) throw new UsageError(`${file} has no model \`${name}\`. It has ${names}.`);
  if (found.length > 1)
    throw new UsageError(`${reference} means ${found.length} models. Choose one: ${names}.`);
  return toWire(model);
}

function modelsIn(file: string, bytes: Buffer): ModelGraph[] {
  if (/\.(onnx|json)$/i.test(file)) {
    const read = /\.onnx$/i.test(file) ? readOnnx(bytes) : readModelJson(bytes.toString('utf8'));
    if (!read.ok) throw new UsageError(`${file}: ${read.message}`);
    return [read.graph];
  }
  const parsed = new ParsedFiles();
  return analyze(analysisPath(file), bytes.toString('utf8'), { readFile: readSource }, { parsed }).models;
}

function prepared(models: NamedModel[]) {
  const graphs = models.map(({ graph }) => graph);
  const comparison = compareModels(graphs);
  return {
    comparison,
    totals: graphs.map((graph, index) => totalsOf(graph, comparison.models[index]!)),
    steps: graphs.slice(1).map((_, index) => differencesBetween(comparison, index, index + 1)),
  };
}

// --- JSON ---

/** Version 1. `steps`: from each model to the next, every row of the alignment that one of the two has. */
function comparisonJson(models: NamedModel[]): unknown {
  const { comparison, totals, steps } = prepared(models);
  return {
    version: 1,
    models: models.map(({ reference, graph }, index) => {
      const { params, trainableParams, multiplyAccumulates, activationBytes, ...rest } = totals[index]!;
      return {
        reference,
        name: graph.name,
        totals: { params, trainableParams, macs: multiplyAccumulates, activationBytes, ...rest },
      };
    }),
    steps: steps.map((differences, index) => ({
      from: models[index]!.reference,
      to: models[index + 1]!.reference,
      counts: countDifferences(differences),
      layers: differences.flatMap((row, at) => {
        if (!row) return [];
        const { layers } = comparison.rows[at]!;
        return [
          {
            difference: row.difference,
            from: layers[index]?.layer.name ?? null,
            to: layers[index + 1]?.layer.name ?? null,
            className: (layers[index + 1] ?? layers[index])!.layer.className,
            changes: row.changes,
            consequences: row.consequences,
          },
        ];
      }),
    })),
  };
}

// --- text ---

const signs: Record<RowDifference['difference'], string> = {
  same: ' ',
  renamed: '»',
  resized: '≈',
  changed: '~',
  added: '+',
  removed: '-',
};

function comparisonText(models: NamedModel[]): string {
  const { comparison, totals, steps } = prepared(models);
  const parts = [totalsTable(models, totals)];
  steps.forEach((differences, index) => {
    const lines = differences.flatMap((row, at) =>
      row ? rowLines(row, comparison.rows[at]!.layers[index], comparison.rows[at]!.layers[index + 1]) : [],
    );
    const { same, renamed, resized, changed, added, removed } = countDifferences(differences);
    parts.push(
      [
        `--- ${models[index]!.reference} (${models[index]!.graph.name})`,
        `+++ ${models[index + 1]!.reference} (${models[index + 1]!.graph.name})`,
        ...lines,
        `${added} added, ${removed} removed, ${changed} changed, ${resized} resized by that, ${renamed} renamed, ${same} alike`,
      ].join('\n'),
    );
  });
  return parts.join('\n\n');
}

function rowLines(
  { difference, changes, consequences }: RowDifference,
  before: ComparedLayer | undefined,
  after: ComparedLayer | undefined,
): string[] {
  const shown = (after ?? before)!;
  const line = `${signs[difference]} ${shown.layer.name} (${shown.layer.className}) ${shapeText(shown.shape)}`;
  return [
    line,
    ...[...changes, ...consequences].map(({ property, from, to }) => `    ${property}: ${from} → ${to}`),
  ];
}

function totalsTable(models: NamedModel[], totals: ComparedTotals[]): string {
  const count = (value: number | string | null) =>
    value === null ? '?' : typeof value === 'number' ? value.toLocaleString('en-US') : value;
  const rows: [string, (one: ComparedTotals) => number | string | null][] = [
    ['Parameters', ({ params }) => params],
    ['Multiply-accumulates', ({ multiplyAccumulates }) => multiplyAccumulates],
    ['Output bytes', ({ activationBytes }) => activationBytes],
    ['Depth', ({ depth }) => depth],
    ['Receptive field', ({ receptiveField }) => receptiveField],
    ['Layers', ({ layers }) => layers],
  ];
  const table = [
    ['', ...models.map(({ graph }) => graph.name)],
    ...rows.map(([name, value]) => [name, ...totals.map((one) => count(value(one)))]),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

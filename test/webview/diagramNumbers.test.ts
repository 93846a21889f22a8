/** Every number that the drawing of an article's network shows is the one that `layerwise inspect` prints. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspectJson } from '../../cli/inspectJson';
import { analyze } from '../../language-server/analysis/analyze';
import { toWire } from '../../protocol/modelGraph';
import { openPanel, startHarness, stopHarness } from './harness';

const examples = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../examples');

interface InspectedLayer {
  name: string;
  className: string;
  outputShape: (number | null)[];
  params: number;
  macs: number;
  receptiveField: number | number[] | null;
}
interface InspectedModel {
  inputShapes: (number | null)[][];
  outputShapes: (number | null)[][];
  totals: { params: number; macs: number };
  layers: InspectedLayer[];
}

/** Written here once more, and not taken from the code under test. */
const sizes = (shape: readonly (number | null)[]) => shape.slice(1).join('×');
const count = (number: number) => number.toLocaleString('en-US');

/** The JSON that the terminal prints, as a reader of it gets it. */
function inspected(name: string) {
  const file = path.join(examples, `${name}.ts`);
  const analysis = analyze(file, readFileSync(file, 'utf8'), { readFile: () => undefined });
  const json = JSON.parse(JSON.stringify(inspectJson([{ path: file, analysis }]))) as {
    files: { models: InspectedModel[] }[];
  };
  return { graph: toWire(analysis.models[0]!), model: json.files[0]!.models[0]! };
}

describe('the numbers of the drawing', function () {
  this.timeout(120_000);
  before(startHarness);
  after(stopHarness);

  for (const name of ['lenet5', 'alexnet', 'alexnet-two-towers', 'vgg16', 'vgg19']) {
    it(`of ${name} are those of layerwise inspect, in every view`, async () => {
      const { graph, model } = inspected(name);
      const byName = new Map(model.layers.map((layer) => [layer.name, layer]));
      const panel = await openPanel('diagram', { theme: 'light', width: 1600, height: 1200 });
      const file = { title: `${name}.ts`, origin: 'program', canClassify: false, problems: [] };
      await panel.send({ type: 'graphs', ...file, graphs: [graph] });

      const totals = await panel.page.locator('.totals dd').allTextContents();
      assert.deepEqual(
        [totals[0], totals[1], totals.at(-1)],
        [
          count(model.totals.params),
          count(model.totals.macs),
          `${sizes(model.inputShapes[0]!)} → ${sizes(model.outputShapes[0]!)}`,
        ],
      );

      for (const view of ['Feature maps', 'Volumes', 'Graph']) {
        await panel.page.getByRole('button', { name: view, exact: true }).click();
        await panel.page
          .locator(`.picture${view === 'Graph' ? '.graph' : ':not(.graph)'} .layer`)
          .first()
          .waitFor();
        const layers = await panel.page.locator('.picture .layer').evaluateAll((all) =>
          all.map((layer) => ({
            id: layer.getAttribute('data-layer') ?? '',
            lines: [...layer.querySelectorAll('text')].map((text) => (text.textContent ?? '').trim()),
          })),
        );
        const drawn = layers.filter(({ id }) => id !== '');
        assert.deepEqual(
          new Set(drawn.map(({ id }) => graph.layers.find((layer) => layer.id === id)!.name)),
          new Set(byName.keys()),
          view,
        );
        for (const { id, lines } of drawn) {
          const { config, name: layerName } = graph.layers.find((layer) => layer.id === id)!;
          const layer = byName.get(layerName)!;
          const params = layer.params === 0 ? [] : [`${count(layer.params)} params`];
          const numbers =
            view === 'Graph'
              ? [layer.params === 0 ? /^(?!.*\d params)/ : new RegExp(`(^|· )${params[0]}$`)]
              : [sizes(layer.outputShape), ...params];
          const last = lines.slice(-numbers.length);
          for (const [at, expected] of numbers.entries()) {
            if (typeof expected === 'string') assert.equal(last[at], expected, `${layerName} in ${view}`);
            else assert.match(last[at]!, expected, `${layerName} in ${view}`);
          }
          // What is left names the layer; its only number is the window, as the source has it.
          for (const line of lines.slice(0, -numbers.length)) {
            const window = /(\d+)×(\d+)$/.exec(line);
            if (!window) continue;
            const written = [config['kernelSize'] ?? config['poolSize']].flat();
            assert.deepEqual(
              [window[1], window[2]],
              [0, 1].map((axis) => String(written[axis] ?? written[0])),
            );
          }
        }
        if (view !== 'Graph') continue;
        // Each value flows under its shape, once for each layer that reads it, and out of the model at the end.
        const wanted = [
          ...(graph.kind === 'sequential' ? [sizes(model.inputShapes[0]!)] : []),
          ...graph.layers.flatMap(({ calls }) =>
            calls[0]!.inbound.map(({ layer }) => {
              const source = graph.layers.find(({ id }) => id === layer)!;
              return sizes(byName.get(source.name)!.outputShape);
            }),
          ),
          ...(graph.kind === 'sequential' && graph.layers[1]!.calls[0]!.inbound.length === 0
            ? model.layers.slice(0, -1).map(({ outputShape }) => sizes(outputShape))
            : []),
          sizes(model.outputShapes[0]!),
        ];
        const labels = await panel.page.locator('.picture .edge-label').allTextContents();
        assert.deepEqual(labels.map((label) => label.trim()).sort(), wanted.sort());
      }

      const rows = await panel.page
        .locator('.layer-table tbody tr')
        .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));
      assert.deepEqual(
        rows.map(([layer, className, output, params, macs]) => [layer, className, output, params, macs]),
        model.layers.map((layer) => [
          layer.name,
          layer.className,
          sizes(layer.outputShape),
          count(layer.params),
          count(layer.macs),
        ]),
      );
      for (const [index, row] of rows.entries()) {
        const field = model.layers[index]!.receptiveField;
        const expected =
          typeof field === 'number' ? `${field}×${field}` : Array.isArray(field) ? field.join('×') : '–';
        if (row[5] !== '–' || field !== null) assert.equal(row[5], expected, row[0]);
      }
      await panel.close();
    });
  }
});

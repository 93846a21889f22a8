/** The article's networks: what the analysis says of them is what tfjs builds, to the last parameter. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import ts from 'typescript';
import { examples } from '../../extension/examples';
import { analyze } from '../../language-server/analysis/analyze';

/** The numbers of the papers. */
const networks = [
  ['lenet5', 'createLeNet5', 61_706],
  ['alexnet', 'createAlexNet', 62_378_344],
  ['alexnet-two-towers', 'createTwoTowerAlexNet', 60_965_224],
  ['vgg16', 'createVgg16', 138_357_544],
  ['vgg19', 'createVgg19', 143_667_240],
] as const;

/** Runs the example as it stands, with its types taken off. */
function build(source: string, builder: string): tf.LayersModel {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const program = { exports: {} as Record<string, () => tf.LayersModel> };
  new Function('require', 'exports', outputText)(() => tf, program.exports);
  return program.exports[builder]!();
}

const withoutNumber = (name: string) => name.replace(/\d+$/, '#');

describe('the networks of examples/', function () {
  this.timeout(10 * 60_000);

  it('are those that New Model from Example offers, with these numbers', () => {
    assert.deepEqual(
      examples.map(({ file, parameters }) => [file, parameters]),
      networks.map(([name, , params]) => [`${name}.ts`, params]),
    );
    const files = readdirSync('examples').filter((file) => file.endsWith('.ts'));
    assert.deepEqual(examples.map(({ file }) => file).sort(), files.sort());
  });

  for (const [name, builder, params] of networks) {
    it(`${name}: ${params.toLocaleString('en')} parameters, layer by layer as tfjs has them`, () => {
      const source = readFileSync(`examples/${name}.ts`, 'utf8');
      const { models, problems } = analyze(`/${name}.ts`, source, { readFile: () => undefined });
      assert.deepEqual(problems, []);
      assert.equal(models.length, 1);
      const [ours] = models;
      assert.equal(ours?.totals.params, params);
      assert.equal(ours?.verdict.kind, 'exact');
      const model = build(source, builder);
      assert.equal(model.countParams(), params);
      assert.deepEqual(
        ours?.layers.map((layer) => [
          withoutNumber(layer.name),
          layer.className,
          layer.calls.map(({ outputShapes }) => outputShapes[0]),
          layer.params,
          layer.weights.map(({ shape }) => shape),
        ]),
        model.layers.map((layer) => [
          withoutNumber(layer.name),
          layer.getClassName(),
          [layer.outputShape],
          layer.countParams(),
          layer.weights.map(({ shape }) => shape),
        ]),
      );
      model.dispose();
    });
  }
});

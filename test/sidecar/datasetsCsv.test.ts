import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DataSource, runFile } from '../../protocol/sidecar';
import type { SidecarConnection } from '../../sidecar/connect';
import { mulberry32 } from '../../sidecar/training/seededRandom';
import { readDigits } from './support/digits';
import { lenet5, sequential } from './support/graphs';
import { buildSidecar, cleanUp, launchSidecar, shortTraining, temporaryFolder } from './support/process';

type CsvOptions = Omit<DataSource & { kind: 'csv' }, 'kind' | 'file'>;

/** Three kinds of flowers, sorted by kind as such tables are, told apart by two of their measures. */
function flowers({ header = true, separator = ',' } = {}): string {
  const random = mulberry32(1);
  const rows = ['setosa', 'versicolor', 'virginica'].flatMap((kind, k) =>
    Array.from({ length: 40 }, () =>
      [5 + random(), 3 + random(), 1000 * (1 + k * 2 + random()), 0.001 * (k + random() / 2), 7, kind].join(
        separator,
      ),
    ),
  );
  const names = ['sepal length', 'sepal width', 'petal length', 'petal width', 'always', 'kind'];
  return [...(header ? [names.join(separator)] : []), ...rows].join('\n');
}

describe('tables', function () {
  this.timeout(120_000);
  let sidecar: SidecarConnection;
  before(buildSidecar);
  beforeEach(() => {
    sidecar = launchSidecar();
  });
  afterEach(cleanUp);
  const csv = (text: string, options: CsvOptions = {}) => {
    const file = path.join(temporaryFolder(), 'table.csv');
    writeFileSync(file, text);
    return { kind: 'csv', file, ...options } as const;
  };
  const describeCsv = (text: string, options?: CsvOptions) =>
    sidecar.request('describeData', { data: csv(text, options), validationSplit: 0.25 });

  it('are described: columns, classes, counts, first rows', async () => {
    const described = await describeCsv(flowers());
    assert.equal(
      described.description,
      'table.csv: 90 training and 30 validation rows, 5 columns that predict `kind`',
    );
    assert.deepEqual(described.target, {
      kind: 'classes',
      classNames: ['setosa', 'versicolor', 'virginica'],
    });
    assert.deepEqual(
      described.perClass,
      Array.from({ length: 3 }, () => ({ train: 30, validation: 10, test: 0 })),
    );
    const [sample] = described.samples;
    assert.deepEqual([sample?.label, sample?.values?.length, sample?.values?.[4]], ['setosa', 5, 7]);
    assert.ok((sample?.line ?? 0) >= 2);
  });

  const forms: [what: string, text: string, options: CsvOptions, columns: string[], target: unknown][] = [
    ['no header', '1,2,a\n3,4,b\n5,6,a', {}, ['column 1', 'column 2'], ['a', 'b']],
    [
      'semicolons, quotes and a byte-order mark',
      '\uFEFF"x; y";z\r\n1;"yes, ""so"""\r\n2;no\r\n',
      {},
      ['x; y'],
      ['no', 'yes, "so"'],
    ],
    ['tabs', 'x\tlabel\n1\t0\n2\t1\n3\t1\n4\t0\n5\t0\n6\t0', {}, ['x'], ['0', '1']],
    ['a label named in the first column', 'class,x,y2\na,1,2\nb,3,4', {}, ['x', 'y2'], ['a', 'b']],
    ['a coordinate called y', 'x,y,z\n1,2,a\n3,4,b', {}, ['x', 'y'], ['a', 'b']],
    ['a label called y', 'x,z,y\n1,2,a\n3,4,b', {}, ['x', 'z'], ['a', 'b']],
    ['a column called by a number', '2020,size\na,1\nb,2', { labelColumn: 2020 }, ['size'], ['a', 'b']],
    ['a label chosen by name', 'kind,x\na,1\nb,2', { labelColumn: 'kind' }, ['x'], ['a', 'b']],
    ['a label chosen by number', 'a,1,2\nb,3,4', { labelColumn: 0 }, ['column 2', 'column 3'], ['a', 'b']],
    [
      'numbered classes, some written 1.0',
      'x,label\n1,10\n2,9.0\n3,9\n4,10\n5,9\n6,9',
      {},
      ['x'],
      ['9', '10'],
    ],
    [
      'a header where nothing tells it',
      'a,b\nc,d',
      { header: false, labelColumn: 0 },
      [],
      /Line 1, column `column 2`: `b` is not a number/,
    ],
    [
      'many distinct numbers',
      `x,price\n${Array.from({ length: 60 }, (_, i) => `${i},${i * 1.5}`).join('\n')}`,
      {},
      ['x'],
      'price',
    ],
    ['few numbers, as values', 'x,n\n1,0\n2,1\n3,0', { task: 'regression' }, ['x'], 'n'],
    [
      'many numbers, as classes',
      `x,n\n${Array.from({ length: 12 }, (_, i) => `${i},${i}`).join('\n')}`,
      { task: 'classification' },
      ['x'],
      Array.from({ length: 12 }, (_, i) => String(i)),
    ],
  ];
  for (const [what, text, options, columns, target] of forms) {
    it(`are understood with ${what}`, async () => {
      if (target instanceof RegExp) {
        await assert.rejects(describeCsv(text, options), target);
        return;
      }
      const described = await describeCsv(text, options);
      assert.deepEqual(described.example, { kind: 'row', columns });
      assert.deepEqual(
        described.target.kind === 'classes' ? described.target.classNames : described.target.name,
        target,
      );
    });
  }

  it('are standardised by the training rows, which the run remembers', async () => {
    await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    const data = csv(flowers());
    const result = await sidecar.request('train', {
      run: 'r',
      model: sequential('flowers', [
        ['Dense', { inputShape: [5], units: 8, activation: 'relu' }],
        ['Dense', { units: 3, activation: 'softmax' }],
      ]),
      data,
      options: { ...shortTraining, epochs: 30, batchSize: 8, learningRate: 0.02, validationSplit: 0.25 },
      runsFolder: temporaryFolder(),
    });
    assert.ok((result.epochs.at(-1)?.validationAccuracy ?? 0) > 0.9, JSON.stringify(result.epochs.at(-1)));
    const { input } = runFile.parse(
      JSON.parse(readFileSync(path.join(result.runFolder, 'run.json'), 'utf8')),
    );
    assert.ok('columns' in input);
    assert.deepEqual(input.columns, ['sepal length', 'sepal width', 'petal length', 'petal width', 'always']);
    assert.ok(Math.abs((input.means[2] ?? 0) - 3500) < 200, String(input.means));
    assert.deepEqual([input.means[4], input.deviations[4]], [7, 1]);
    await assert.rejects(
      sidecar.request('classify', {
        picture: { kind: 'file', path: path.join(temporaryFolder(), 'none.png') },
        modelPath: result.runFolder,
        top: 1,
      }),
      /trained on the lines of a table/,
    );
  });

  it('may be MNIST’s, recognised as pictures, equal to the idx files', async () => {
    const digits = readDigits('train');
    const line = (i: number) => [digits.labels[i], ...digits.image(i)].join(',');
    const rows = Array.from({ length: 400 }, (_, i) => line(i));
    const header = ['label', ...Array.from({ length: 784 }, (_, i) => `pixel${i}`)].join(',');
    const model = { ...lenet5(), inputShapes: [[null, 32, 32, 1]], outputShapes: [[null, 10]] };
    for (const text of [rows.join('\n'), [header, ...rows].join('\n')]) {
      const data = csv(text);
      const described = await sidecar.request('describeData', { data, model });
      assert.deepEqual(described.example, { kind: 'image', height: 28, width: 28, channels: 1 });
      assert.deepEqual(
        described.target.kind === 'classes' && described.target.classNames.join(''),
        '0123456789',
      );
      const [sample] = described.samples;
      const row = (sample?.line ?? 0) - (text.startsWith('label') ? 2 : 1);
      assert.deepEqual(
        Buffer.from(sample?.thumbnail?.pixels ?? '', 'base64'),
        Buffer.from(digits.image(row)),
      );
      assert.equal(described.model?.fits, true);
      assert.deepEqual(described.model?.mismatches[0]?.fix, { kind: 'encoding', how: ['pad'] });
    }
    const asRows = await describeCsv(rows.join('\n'), { pictures: false, labelColumn: 0 });
    assert.equal(asRows.example.kind, 'row');
  });

  const refused: [what: string, text: string, options: CsvOptions, message: RegExp][] = [
    [
      'a missing value',
      'x,y,label\n1,2,a\n3,,b',
      {},
      /Line 3, column `y`: the value is missing\. Fill it in/,
    ],
    [
      'a missing value written NA',
      'x,label\nNA,a\n3,b',
      { header: true },
      /Line 2, column `x`: the value is missing \(`NA`\)/,
    ],
    ['a missing label', 'x,label\n1,\n3,b', {}, /Line 2, column `label`: the value is missing/],
    [
      'text among numbers',
      'sex,age,label\nmale,3,a\nfemale,4,b',
      {},
      /Line 2, column `sex`: `male` is not a number.*Only the label may be text/,
    ],
    ['a line that is too short', 'x,y,label\n1,2,a\n3,b', {}, /Line 3 has 2 cells, the first line 3/],
    [
      'letters of another encoding',
      'x,label\n1,\ufffd\n2,b\n',
      {},
      /Line 2 has letters that are not written in UTF-8/,
    ],
    [
      'numbers with a comma',
      'x;label\n"1,5";a\n2;b\n',
      {},
      /Write numbers with a point: 1\.5 rather than 1,5/,
    ],
    ['quotes that do not end', 'x,label\n1,"a\n2,b\n', {}, /not a well-formed table/],
    ['one column', 'x\n1\n2', {}, /only one column/],
    ['one class', 'x,label\n1,a\n2,a', {}, /only one class, `a`/],
    ['no rows', 'x,label\n', { header: true }, /has no rows/],
    ['nothing', '', {}, /The file is empty/],
    ['bytes', 'a,b\0\u0001', {}, /not a table in text form/],
    [
      'a column that is not there',
      'x,label\n1,a\n2,b',
      { labelColumn: 'kind' },
      /There is no column `kind`\. It has x, label\./,
    ],
    ['a column number that is not there', 'x,label\n1,a\n2,b', { labelColumn: 7 }, /There is no column 7/],
    [
      'texts as values',
      'x,label\n1,a\n2,b',
      { task: 'regression' },
      /has texts; only numbers can be predicted/,
    ],
    [
      'an identifier as label',
      `x,label\n${Array.from({ length: 1200 }, (_, i) => `1,id${i}`).join('\n')}`,
      {},
      /more than 1,000 distinct entries/,
    ],
    [
      'pictures that are not square',
      'label,a,b\n1,2,3\n2,3,4',
      { pictures: true },
      /they have 2 cells besides the label/,
    ],
    [
      'pixels that are none',
      `${[3, ...Array(64).fill(200)].join()}\n${[4, 900, ...Array(63).fill(200)].join()}`,
      { pictures: true },
      /Line 2, column `column 2`: 900 is no pixel/,
    ],
  ];
  it('are refused clearly, with line and column', async () => {
    for (const [what, text, options, message] of refused)
      await assert.rejects(describeCsv(text, options), message, what);
    const describe = (file: string) => sidecar.request('describeData', { data: { kind: 'csv', file } });
    await assert.rejects(describe('/nowhere.csv'), /The file does not exist/);
    await assert.rejects(describe(temporaryFolder()), /This is a folder, not a table/);
  });

  it('are told how they go with a model', async () => {
    const model = sequential('flowers', [
      ['Dense', { inputShape: [4], units: 8 }],
      ['Dense', { units: 10, activation: 'softmax' }],
    ]);
    const shaped = { ...model, inputShapes: [[null, 4]], outputShapes: [[null, 10]] };
    const { model: fit } = await sidecar.request('describeData', { data: csv(flowers()), model: shaped });
    assert.equal(fit?.fits, false);
    assert.deepEqual(
      fit?.mismatches.map((mismatch) => mismatch.fix),
      [
        { kind: 'source', layer: 'layer1', layerId: 'layer1', property: 'inputShape', from: 4, to: 5 },
        { kind: 'source', layer: 'layer2', layerId: 'layer2', property: 'units', from: 10, to: 3 },
      ],
    );
    const open = { ...model, inputShapes: [[null, 'inputs']], outputShapes: [[null, 'numClasses']] };
    const { model: asked } = await sidecar.request('describeData', { data: csv(flowers()), model: open });
    assert.deepEqual(asked?.symbols, [
      { name: 'inputs', suggestion: 5 },
      { name: 'numClasses', suggestion: 3 },
    ]);
  });
});

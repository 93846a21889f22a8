/**
 * Truncated and mutated files of every kind that Layerwise reads: a clear answer each, nothing else. Most go through the
 * readers in this process, as the sidecar has them; some hundred through the real process.
 *
 * LAYERWISE_GARBAGE_CASES sets the number of cases, LAYERWISE_GARBAGE_SEED the seed.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { readOnnx } from '../../model-graph/readers/onnx';
import { openDataset } from '../../sidecar/datasets/openDataset';
import { disposeModel } from '../../sidecar/disposeModel';
import { SidecarError } from '../../sidecar/errors';
import { readPicture } from '../../sidecar/images/decode';
import { readOnnxFile } from '../../sidecar/inference/onnxFile';
import { loadCheckpoint } from '../../sidecar/runs/checkpoint';
import { readRunFile } from '../../sidecar/runs/runFolder';
import { Random } from '../differential/layerCases';
import { idxFile } from './support/digits';
import { buildSidecar, cleanUp, root, startSidecar, temporaryFolder } from './support/process';

const caseCount = Number(process.env['LAYERWISE_GARBAGE_CASES'] ?? 2400);
const processCaseCount = Math.round(caseCount / 4);
const seed = Number(process.env['LAYERWISE_GARBAGE_SEED'] ?? 4711);
const secondsPerCase = 20;

const lenet = path.join(root, 'media/models/lenet5-mnist');
const digit = path.join(root, 'examples/images/digit-7.png');
const cat = path.join(root, 'examples/images/chelsea.png');

// --- damage ----------------------------------------------------------------------------------------------------------

function damagedBytes(original: Buffer, random: Random): Buffer {
  const at = () => random.int(0, Math.max(0, original.length - 1));
  const kinds: (() => Buffer)[] = [
    () => original.subarray(0, at()),
    () => original.subarray(at()),
    () => {
      const copy = Buffer.from(original);
      for (let i = random.int(1, 8); i > 0 && copy.length > 0; i--)
        copy[random.int(0, copy.length - 1)] = random.int(0, 255);
      return copy;
    },
    () => {
      // Headers matter most.
      const copy = Buffer.from(original);
      for (let i = random.int(1, 4); i > 0; i--)
        copy[random.int(0, Math.min(63, copy.length - 1))] = random.int(0, 255);
      return copy;
    },
    () => {
      const from = at();
      return Buffer.concat([
        original.subarray(0, from),
        original.subarray(Math.min(original.length, from + random.int(1, 400))),
      ]);
    },
    () => {
      const from = at();
      const noise = Buffer.from(Array.from({ length: random.int(1, 300) }, () => random.int(0, 255)));
      return Buffer.concat([original.subarray(0, from), noise, original.subarray(from)]);
    },
    () => Buffer.concat([original, original.subarray(0, at())]),
    () => Buffer.alloc(random.int(0, 200), random.int(0, 255)),
    () => Buffer.from('<html><body>404 Not Found</body></html>'),
  ];
  return random.pick(kinds)();
}

const oddValues = [
  null,
  -1,
  0,
  1.5,
  1e9,
  1e308,
  '',
  'x',
  true,
  [],
  {},
  [[]],
  '../x',
  'constructor',
  '__proto__',
  [null],
  -1e9,
];

/** One place of a JSON document becomes something else. */
function damagedJson(text: string, random: Random): string {
  const content: unknown = JSON.parse(text);
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(content);
  for (let i = random.int(1, 3); i > 0; i--) {
    const [holder, key] = random.pick(places);
    const kind = random.int(0, 5);
    if (kind === 0) delete holder[key];
    else if (kind === 1) holder[key] = [holder[key]];
    else if (kind === 2 && Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
    else if (kind === 3 && typeof holder[key] === 'number')
      holder[key] = Number(holder[key]) * random.pick([-1, 2, 1000, 1e6]);
    else holder[key] = random.pick(oddValues);
  }
  return JSON.stringify(content);
}

// --- kinds of files --------------------------------------------------------------------------------------------------

interface Kind {
  name: string;
  /** Writes a damaged file below the folder. @returns what is opened */
  write(folder: string, random: Random): string;
  /** Reads it in this process. */
  read(file: string): Promise<unknown>;
  /** Asks the real process. */
  ask(
    file: string,
  ):
    | { model: string; picture: string }
    | { data: { kind: 'idx'; folder: string } | { kind: 'csv'; file: string } };
}

const modelText = readFileSync(path.join(lenet, 'checkpoint/model.json'), 'utf8');
const [weightsName] = JSON.parse(modelText).weightsManifest[0].paths as [string];
const weights = readFileSync(path.join(lenet, 'checkpoint', weightsName));
const runText = readFileSync(path.join(lenet, 'run.json'), 'utf8');

/** With every kind of layer whose configuration tfjs reads in a way of its own. */
let manyLayersText = '';
let manyLayersWeights: Buffer = Buffer.alloc(0);
let onnxBytes: Buffer = Buffer.alloc(0);

async function loaded(file: string): Promise<void> {
  const model = await loadCheckpoint(file);
  disposeModel(model);
}

function csvText(random: Random): string {
  const lines = ['a,b,c,label'];
  for (let i = 0; i < 30; i++)
    lines.push(
      [random.next().toFixed(2), random.int(0, 9), random.next().toFixed(1), random.pick(['x', 'y'])].join(
        ',',
      ),
    );
  return lines.join('\n');
}

const kinds: Kind[] = [
  {
    name: 'model.json',
    write(folder, random) {
      const [text, bytes] = random.chance(0.5) ? [modelText, weights] : [manyLayersText, manyLayersWeights];
      const names = JSON.parse(text).weightsManifest[0].paths as string[];
      writeFileSync(path.join(folder, names[0]!), bytes);
      const file = path.join(folder, 'model.json');
      writeFileSync(
        file,
        random.chance(0.7) ? damagedJson(text, random) : damagedBytes(Buffer.from(text), random),
      );
      return file;
    },
    read: loaded,
    ask: (model) => ({ model, picture: digit }),
  },
  {
    name: 'weights',
    write(folder, random) {
      writeFileSync(path.join(folder, 'model.json'), modelText);
      writeFileSync(path.join(folder, weightsName), damagedBytes(weights, random));
      return path.join(folder, 'model.json');
    },
    read: loaded,
    ask: (model) => ({ model, picture: digit }),
  },
  {
    name: 'run.json',
    write(folder, random) {
      cpSync(path.join(lenet, 'checkpoint'), path.join(folder, 'checkpoint'), { recursive: true });
      const file = path.join(folder, 'run.json');
      writeFileSync(
        file,
        random.chance(0.7) ? damagedJson(runText, random) : damagedBytes(Buffer.from(runText), random),
      );
      return file;
    },
    read: readRunFile,
    ask: (model) => ({ model, picture: digit }),
  },
  {
    name: 'ONNX',
    write(folder, random) {
      const file = path.join(folder, 'model.onnx');
      writeFileSync(file, damagedBytes(onnxBytes, random));
      return file;
    },
    async read(file) {
      // What `layerwise inspect` does: any bytes, and never an exception.
      const read = readOnnx(readFileSync(file));
      if (!read.ok) assert.doesNotMatch(read.message, unclear);
      return readOnnxFile(file);
    },
    ask: (model) => ({ model, picture: digit }),
  },
  {
    name: 'picture',
    write(folder, random) {
      const original = random.pick([digit, cat]);
      const file = path.join(folder, path.basename(original));
      writeFileSync(file, damagedBytes(readFileSync(original), random));
      return file;
    },
    read: (file) =>
      readPicture(
        { kind: 'file', path: file },
        { height: 28, width: 28, channels: 1, scale: 1, offset: 0, framing: 'fit' },
      ),
    ask: (picture) => ({ model: lenet, picture }),
  },
  {
    name: 'CSV',
    write(folder, random) {
      const file = path.join(folder, 'table.csv');
      writeFileSync(file, damagedBytes(Buffer.from(csvText(random)), random));
      return file;
    },
    read: (file) => opened({ kind: 'csv', file }),
    ask: (file) => ({ data: { kind: 'csv', file } }),
  },
  {
    name: 'idx',
    write(folder, random) {
      const images = idxFile([20, 8, 8], Buffer.from(Array.from({ length: 20 * 64 }, (_, i) => i % 251)));
      const labels = idxFile([20], Buffer.from(Array.from({ length: 20 }, (_, i) => i % 10)));
      const isImages = random.chance(0.6);
      writeFileSync(
        path.join(folder, 'train-images-idx3-ubyte'),
        isImages ? damagedBytes(images, random) : images,
      );
      writeFileSync(
        path.join(folder, 'train-labels-idx1-ubyte'),
        isImages ? labels : damagedBytes(labels, random),
      );
      return folder;
    },
    read: (folder) => opened({ kind: 'idx', folder }),
    ask: (folder) => ({ data: { kind: 'idx', folder } }),
  },
];

async function opened(source: Parameters<typeof openDataset>[0]): Promise<void> {
  const dataset = await openDataset(source, { validationSplit: 0.1, warn: () => {} });
  await dataset.close();
}

// --- judging ---------------------------------------------------------------------------------------------------------

/** What no message for people holds. */
const unclear =
  /\n\s+at |undefined|\bNaN\b|\[object |node_modules|TypeError|RangeError|Cannot read prop|is not a function|is not iterable|\.ts:\d|\.js:\d/;

/** @param isWhole the message also says what to do, in a sentence of its own */
function judged(message: string, folder: string, hasNext: boolean): string | undefined {
  // A model whose weights are no numbers puts out none: that is what there is to say.
  if (unclear.test(message.replace('puts out NaN or infinite', ''))) return `unclear: ${message}`;
  // By its path, or, once it is loaded, by its name.
  if (!message.includes(folder) && !message.startsWith('The model `'))
    return `does not say where: ${message}`;
  if (!/[.!?]$/.test(message.trim())) return `no sentence: ${message}`;
  if (message.length > 1200) return `too long: ${message.slice(0, 300)}`;
  if (!hasNext) return `does not say what next: ${message}`;
  return undefined;
}

function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${secondsPerCase} s`)),
      1000 * secondsPerCase,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

describe('garbage', function () {
  this.timeout(300_000);
  before(async function () {
    buildSidecar.call(this);
    await tf.setBackend('cpu');
    ({ text: manyLayersText, weights: manyLayersWeights } = await manyLayers());
    const folder = temporaryFolder();
    const sidecar = await startSidecar('wasm');
    const target = path.join(folder, 'lenet.onnx');
    await sidecar.request('exportModel', { modelPath: lenet, target });
    onnxBytes = readFileSync(target);
    await cleanUp();
  });
  afterEach(cleanUp);

  for (const kind of kinds) {
    it(`${kind.name}: a clear error or a whole answer, and nothing left in memory`, async () => {
      const random = new Random(seed + kinds.indexOf(kind));
      const parent = temporaryFolder();
      const problems: string[] = [];
      let refused = 0;
      const tensors = tf.memory().numTensors;
      const count = Math.ceil((caseCount - processCaseCount) / kinds.length);
      for (let i = 0; i < count; i++) {
        const folder = path.join(parent, String(i));
        mkdirSync(folder);
        const file = kind.write(folder, random);
        try {
          await inTime(kind.read(file));
        } catch (error) {
          refused++;
          const problem =
            error instanceof SidecarError
              ? judged(error.message, folder, error.details.next !== undefined)
              : `no error for people: ${(error as Error).stack}`;
          if (problem) problems.push(`${i}: ${problem}`);
        }
      }
      assert.deepEqual(problems, []);
      assert.ok(refused > count / 5, `only ${refused} of ${count} were refused`);
      // tfjs drops an initializer's value when a layer fails between making it and keeping it: a few, and small ones.
      const left = tf.memory().numTensors - tensors;
      assert.ok(left <= count / 50, `${left} tensors are left`);
    });
  }

  it('the real process answers all of it, and stays as it was', async () => {
    const random = new Random(seed + 100);
    const sidecar = await startSidecar('wasm');
    const { pid } = sidecar;
    const parent = temporaryFolder();
    const problems: string[] = [];
    const held = () => (process.platform === 'linux' ? residentBytes(pid!) : 0);
    let early = 0;
    for (let i = 0; i < processCaseCount; i++) {
      const kind = kinds[i % kinds.length]!;
      const folder = path.join(parent, String(i));
      mkdirSync(folder);
      const asked = kind.ask(kind.write(folder, random));
      const answer: Promise<unknown> =
        'data' in asked
          ? sidecar.request('describeData', { data: asked.data })
          : sidecar.request('classify', {
              modelPath: asked.model,
              picture: { kind: 'file', path: asked.picture },
              top: 3,
            });
      try {
        await inTime(answer);
      } catch (error) {
        const { message } = error as Error;
        const problem = judged(message, folder, message.split(/[.!?](?:\s|$)/).length > 2);
        if (problem) problems.push(`${i}: ${kind.name}: ${problem}`);
      }
      // Once everything has been loaded that is loaded on first use.
      if (i === Math.floor(processCaseCount / 3)) early = held();
    }
    assert.deepEqual(problems, []);
    assert.ok(held() - early < 150e6, `it grew by ${(held() - early) / 1e6} MB`);
    const { classes } = await sidecar.request('classify', {
      modelPath: lenet,
      picture: { kind: 'file', path: digit },
      top: 1,
    });
    assert.equal(classes[0]!.label, '7');
    assert.equal(sidecar.pid, pid);
  });

  it('names that are no text are refused, of models and of layers', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'model.json');
    writeFileSync(path.join(folder, weightsName), weights);
    type Named = { config: { name: unknown; layers: Named[] } };
    const places: ((topology: Named) => Named)[] = [(model) => model, (model) => model.config.layers[0]!];
    for (const place of places) {
      for (const name of [{}, 7, true, ['a']]) {
        const json = JSON.parse(modelText);
        place(json.modelTopology.model_config ?? json.modelTopology).config.name = name;
        writeFileSync(file, JSON.stringify(json));
        await assert.rejects(
          loadCheckpoint(file),
          /name is no text but .* Save or download the model again\.$/,
        );
      }
    }
  });

  it('weights that are announced twice, or by a name that no table holds, are refused', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'model.json');
    writeFileSync(path.join(folder, weightsName), weights);
    for (const [rename, message] of [
      [(names: string[]) => names[1]!, /announces the weight `.*kernel` twice\./],
      [() => '__proto__', /No weight can be called `__proto__`\./],
    ] as const) {
      const json = JSON.parse(modelText);
      const [first, second] = json.weightsManifest[0].weights as { name: string }[];
      second!.name = rename([second!.name, first!.name]);
      writeFileSync(file, JSON.stringify(json));
      await assert.rejects(loadCheckpoint(file), message);
    }
  });

  it('windows that no kernel can move are refused', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'model.json');
    writeFileSync(path.join(folder, weightsName), weights);
    for (const [key, value] of [
      ['strides', [1, -1]],
      ['strides', 0],
      ['dilation_rate', [1, 1.5]],
      ['kernel_size', [-5, 5]],
    ] as const) {
      const json = JSON.parse(modelText);
      json.modelTopology.config.layers[4].config[key] = value;
      writeFileSync(file, JSON.stringify(json));
      await assert.rejects(
        loadCheckpoint(file),
        /`conv2d_Conv2D3` has \w+ .*: they are whole numbers from 1 on/,
      );
    }
    const json = JSON.parse(modelText);
    json.modelTopology.config.layers[0].config.batch_input_shape = [null, [32], 32, 1];
    writeFileSync(file, JSON.stringify(json));
    await assert.rejects(
      loadCheckpoint(file),
      /batch_input_shape \[null,\[32\],32,1\]: sizes are whole numbers/,
    );
  });

  it('wiring that tfjs would never finish is refused', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'model.json');
    writeFileSync(path.join(folder, 'weights.bin'), manyLayersWeights);
    type Wired = { name: string; config: { name: string }; inbound_nodes: unknown[][] };
    const damages: [damage: (layers: Wired[]) => void, message: RegExp][] = [
      [([, first]) => first!.inbound_nodes.splice(0, 1, []), /`batch_norm\w+` takes its input from a layer/],
      [([, first]) => (first!.config.name = 'other'), /is named `other` in its configuration/],
      [([, first, second]) => (second!.name = first!.name), /two layers named/],
      [([, , second]) => (second!.inbound_nodes = [[['nobody', 0, 0, {}]]]), /does not exist/],
    ];
    for (const [damage, message] of damages) {
      const json = JSON.parse(manyLayersText);
      damage(json.modelTopology.config.layers);
      writeFileSync(file, JSON.stringify(json));
      await assert.rejects(loadCheckpoint(file), message);
    }
  });

  it('layers listed from the last to the first are refused where tfjs would take minutes', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'model.json');
    const count = 10_000;
    const layers = Array.from({ length: count }, (_, i) => ({
      class_name: 'ReLU',
      name: `r${i}`,
      config: { name: `r${i}` },
      inbound_nodes: [[[`r${i + 1}`, 0, 0, {}]]] as unknown[],
    }));
    const name = `r${count}`;
    const input = { name, batch_input_shape: [null, 8] };
    layers.push({ class_name: 'InputLayer', name, config: input, inbound_nodes: [] });
    const config = { name: 'm', layers, input_layers: [[name, 0, 0]], output_layers: [['r0', 0, 0]] };
    const modelTopology = { class_name: 'Functional', config };
    writeFileSync(file, JSON.stringify({ modelTopology, weightsManifest: [{ paths: [], weights: [] }] }));
    await assert.rejects(loadCheckpoint(file), /would take minutes\. List each layer behind/);
  });

  it('what wrappers and recurrent layers hold is looked at as well', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'model.json');
    writeFileSync(path.join(folder, 'weights.bin'), Buffer.alloc(0));
    const layer = (class_name: string, config: object) => ({
      class_name,
      config: { name: class_name, ...config },
    });
    const waiting = (name: string, on: string) => ({
      ...layer('Dense', { name, units: 8 }),
      name,
      inbound_nodes: [[[on, 0, 0, {}]]],
    });
    const circle = layer('Functional', {
      layers: [
        {
          ...layer('InputLayer', { name: 'in', batch_input_shape: [null, 8] }),
          name: 'in',
          inbound_nodes: [],
        },
        waiting('a', 'b'),
        waiting('b', 'a'),
      ],
      input_layers: [['in', 0, 0]],
      output_layers: [['a', 0, 0]],
    });
    const still = layer('ConvLSTM2DCell', { filters: 2, kernel_size: [3, 3], strides: [0, 1] });
    let deep: object = layer('Dense', { units: 1 });
    for (let i = 0; i < 300; i++) deep = layer('TimeDistributed', { layer: deep });
    const damages: [config: object, message: RegExp][] = [
      [
        { layer: circle },
        /`a` takes its input from a layer that does not exist or is never called, or in a circle/,
      ],
      [{ layer: layer('TimeDistributed', { layer: circle }) }, /in a circle/],
      [{ layer: layer('LSTM', { units: 2 }), backward_layer: circle }, /in a circle/],
      [{ cell: layer('StackedRNNCells', { cells: [still] }) }, /`ConvLSTM2DCell` has strides \[0,1\]/],
      [{ layer: deep }, /nests too deeply/],
    ];
    for (const [config, message] of damages) {
      const outer = layer('TimeDistributed', { batch_input_shape: [null, 4, 8], ...config });
      const modelTopology = layer('Sequential', { layers: [outer] });
      writeFileSync(
        file,
        JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: [] }] }),
      );
      await assert.rejects(loadCheckpoint(file), message);
    }
  });

  it('weights are read from the model’s own folder only', async () => {
    const parent = temporaryFolder();
    const folder = path.join(parent, 'model');
    mkdirSync(folder);
    writeFileSync(path.join(parent, 'secret.bin'), weights);
    symlinkSync(path.join(parent, 'secret.bin'), path.join(folder, 'link.bin'));
    symlinkSync(parent, path.join(folder, 'up'));
    const file = path.join(folder, 'model.json');
    for (const name of [
      '../secret.bin',
      path.join(parent, 'secret.bin'),
      'link.bin',
      'up/secret.bin',
      './../model/../secret.bin',
      'https://example.com/weights.bin',
      'file:///etc/passwd',
      '//example.com/weights.bin',
      '..\\secret.bin',
      '',
      '.',
    ]) {
      const json = JSON.parse(modelText);
      json.weightsManifest[0].paths = [name];
      writeFileSync(file, JSON.stringify(json));
      await assert.rejects(loadCheckpoint(file), (error: Error) => {
        assert.ok(error instanceof SidecarError, String(error.stack));
        assert.match(
          error.message,
          /outside the model's folder|address on the internet|does not exist/,
          name,
        );
        assert.equal(judged(error.message, parent, error.details.next !== undefined), undefined, name);
        return true;
      });
    }
  });
});

function residentBytes(pid: number): number {
  return 1024 * Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

async function manyLayers(): Promise<{ text: string; weights: Buffer }> {
  const input = tf.input({ shape: [12, 12, 2] });
  const { layers } = tf;
  const through = (x: tf.SymbolicTensor, ...all: tf.layers.Layer[]) =>
    all.reduce((y, layer) => layer.apply(y) as tf.SymbolicTensor, x);
  const trunk = through(
    input,
    layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.batchNormalization(),
    layers.depthwiseConv2d({ kernelSize: 3 }),
    layers.maxPooling2d({ poolSize: 2 }),
  );
  const a = through(
    trunk,
    layers.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same' }),
    layers.globalAveragePooling2d({}),
  );
  const b = through(
    trunk,
    layers.reshape({ targetShape: [15, 5] }),
    layers.bidirectional({ layer: layers.lstm({ units: 2 }) as tf.RNN, mergeMode: 'concat' }),
  );
  const c = through(
    trunk,
    layers.reshape({ targetShape: [5, 15] }),
    layers.timeDistributed({ layer: layers.dense({ units: 2 }) }),
    layers.flatten(),
    tf.sequential({ layers: [layers.dense({ inputShape: [10], units: 4 }), layers.leakyReLU()] }),
  );
  const joined = layers.concatenate().apply([a, b, c]) as tf.SymbolicTensor;
  const output = through(
    joined,
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  );
  const model = tf.model({ inputs: input, outputs: output });
  let text = '';
  let bytes = Buffer.alloc(0);
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      text = JSON.stringify({
        modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
      });
      bytes = Buffer.from(weightData as ArrayBuffer);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  disposeModel(model);
  return { text, weights: bytes };
}

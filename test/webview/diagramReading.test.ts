/** What the drawing makes of a model before anything is drawn: scenes, folding, search, order, layout. */
import assert from 'node:assert/strict';
import { fold } from '../../webview/diagram/fold';
import { layoutGraph } from '../../webview/diagram/graph/layout';
import type { GraphLayout } from '../../webview/diagram/graph/types';
import { heatOf } from '../../webview/diagram/heat';
import { cutPositions, topologicalOrder } from '../../webview/diagram/order';
import { search } from '../../webview/diagram/query';
import { buildScene, type Scene } from '../../webview/diagram/scene';
import { hasTowersOnly } from '../../webview/diagram/volumes/layout';
import { walkOf } from '../../webview/diagram/walk';
import { example, modelsIn, nested, resnet20, unet } from './fixtures/sources';

const none: ReadonlySet<string> = new Set();
const sceneOf = (source: string, name?: string): Scene => {
  const models = modelsIn(source);
  return buildScene(models.find((model) => model.name === name) ?? models.at(-1)!, []);
};
const titles = (scene: Scene) => scene.items.map(({ title }) => title);
const measure = (text: string) => text.length * 7;

describe('folding', () => {
  it('draws repeated layers once, with their number and their sum', () => {
    const scene = fold(buildScene(example('vgg16'), []), { folded: true, exceptions: none });
    const blocks = scene.items.filter(({ members }) => members.length > 0);
    assert.deepEqual(
      blocks.slice(0, 5).map(({ title, shapeText, paramsText }) => [title, shapeText, paramsText]),
      [
        ['Conv2D 3×3 ×2', '224×224×64', '38,720 params'],
        ['Conv2D 3×3 ×2', '112×112×128', '221,440 params'],
        ['Conv2D 3×3 ×3', '56×56×256', '1,475,328 params'],
        ['Conv2D 3×3 ×3', '28×28×512', '5,899,776 params'],
        ['Conv2D 3×3 ×3', '14×14×512', '7,079,424 params'],
      ],
    );
    const params = scene.items.reduce((sum, { cost }) => sum + Number(cost.params), 0);
    assert.equal(params, 138_357_544);
  });

  it('closes helper functions and counts those that are alike', () => {
    const whole = sceneOf(resnet20, 'resnet');
    const scene = fold(whole, { folded: true, exceptions: none });
    assert.deepEqual(titles(scene), [
      'input1',
      'Conv2D 3×3',
      'BatchNorm',
      'ReLU',
      'residualBlock ×3',
      'residualBlock',
      'residualBlock ×2',
      'residualBlock',
      'residualBlock ×2',
      'GlobalAvgPool',
      'Dense',
    ]);
    assert.ok(scene.isChain);
    const layers = scene.items.reduce((sum, { members }) => sum + Math.max(1, members.length), 0);
    assert.equal(layers, whole.items.length);
  });

  it('opens one repetition, and then one block of it', () => {
    const whole = sceneOf(resnet20, 'resnet');
    const repeat = fold(whole, { folded: true, exceptions: none }).items.find(({ title }) =>
      title.endsWith(' ×3'),
    )!;
    const opened = fold(whole, { folded: true, exceptions: new Set([repeat.foldKey!]) });
    assert.equal(titles(opened).filter((title) => title === 'residualBlock').length, 5);
    const block = opened.items.find(({ title }) => title === 'residualBlock')!;
    const inside = fold(whole, { folded: true, exceptions: new Set([repeat.foldKey!, block.foldKey!]) });
    assert.ok(titles(inside).includes('Add'));
    assert.ok(!inside.isChain);
  });

  it('finds blocks in a model that says nothing of its source', () => {
    const graph = modelsIn(resnet20).at(-1)!;
    for (const layer of graph.layers) layer.groups = [];
    const scene = fold(buildScene(graph, []), { folded: true, exceptions: none });
    assert.ok(scene.items.length < 40, titles(scene).join());
    assert.ok(titles(scene).some((title) => title.endsWith(' ×3')));
  });

  it('leaves alone what has a problem', () => {
    const graph = example('vgg16');
    const id = graph.layers[1]!.id;
    const problem = { severity: 'error' as const, message: 'no', layerId: id };
    const scene = fold(buildScene(graph, [problem]), { folded: true, exceptions: none });
    assert.ok(scene.items.some(({ layer }) => layer?.id === id));
  });

  it('closes one group of a drawing that is otherwise open', () => {
    const whole = sceneOf(unet);
    const group = whole.items.find(({ groups }) => groups.length === 3)!.groups[2]!;
    const scene = fold(whole, { folded: false, exceptions: new Set([group.key]) });
    assert.equal(scene.items.length, whole.items.length - 1);
    assert.ok(titles(scene).includes('block'));
  });
});

describe('nested models', () => {
  it('are one item until they are opened, once for each use', () => {
    const graph = modelsIn(nested).find(({ name }) => name === 'siamese')!;
    const closed = buildScene(graph, []);
    const uses = closed.items.filter(({ kind }) => kind === 'model');
    assert.equal(uses.length, 2);
    const opened = buildScene(graph, [], new Set(uses.map(({ key }) => key)));
    assert.equal(opened.items.filter(({ title }) => title === 'Conv2D 3×3').length, 2);
    assert.equal(opened.items.filter(({ kind }) => kind === 'model').length, 0);
    // Everything still hangs together: both inputs lead to the end.
    const order = topologicalOrder(opened.items, opened.edges);
    assert.equal(order.length, opened.items.length);
    const sources = new Set(opened.edges.map(({ from }) => from));
    assert.deepEqual(
      opened.items.filter(({ key }) => !sources.has(key)).map(({ title }) => title),
      ['Dense'],
    );
  });
});

describe('search', () => {
  const scene = buildScene(example('vgg16'), []);
  const count = (query: string) => search(scene.items, query).length;
  const cases: [string, number][] = [
    ['', 0],
    ['pool', 5],
    ['Conv2D', 13],
    ['filters>64', 11],
    ['filters >= 64', 13],
    ['filters=512', 6],
    ['kernel 3x3', 13],
    ['kernel 3×3 filters=64', 2],
    ['kernel:5', 0],
    ['activation:softmax', 1],
    ['params>100000000', 1],
    ['block3 conv', 3],
    ['shape:14x14', 4],
    ['kind:dense', 3],
    ['filters!=512', 7],
    ['nothing-like-this', 0],
  ];
  for (const [query, expected] of cases) {
    it(`${query || 'an empty search'}: ${expected}`, () => assert.equal(count(query), expected));
  }
});

describe('what is not known', () => {
  const scene = sceneOf(`import * as tf from '@tensorflow/tfjs';
import { build } from 'elsewhere';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 8, inputShape: [4] }));
model.add(build());
model.add(tf.layers.reLU());
model.add(tf.layers.dense({ units: 2 }));
`);

  it('stands in its place, with the reason once', () => {
    assert.deepEqual(titles(scene), ['Input', 'Dense', 'Unknown', 'ReLU', 'Dense']);
    const said = scene.items.map(({ reason, isReasonSaid }) => (reason && !isReasonSaid ? reason : ''));
    assert.match(said[2]!, /not analysed/);
    assert.deepEqual([...said.slice(0, 2), ...said.slice(3)], ['', '', '', '']);
    assert.deepEqual(
      scene.edges.map(({ shape }) => shape?.slice(1) ?? null),
      [[4], [8], null, null],
    );
  });

  it('is never folded away with what is known', () => {
    const folded = fold(scene, { folded: true, exceptions: none });
    assert.ok(titles(folded).includes('Unknown'));
  });
});

describe('views', () => {
  it('shows towers as volumes and shortcuts as a graph', () => {
    assert.ok(hasTowersOnly(buildScene(example('alexnet-two-towers'), [])));
    assert.ok(!hasTowersOnly(sceneOf(resnet20)));
    assert.ok(!hasTowersOnly(sceneOf(unet)));
  });

  it('walks into branches and between them', () => {
    const scene = buildScene(example('alexnet-two-towers'), []);
    const walk = walkOf(scene);
    const halves = scene.items.filter(({ title }) => title === 'HalfOfChannels').map(({ key }) => key);
    assert.equal(walk.beside(halves[0]!, 1), halves[1]);
    assert.equal(walk.beside(halves[1]!, 1), undefined);
    assert.equal(walk.next(halves[0]!), scene.edges.find(({ from }) => from === halves[0])!.to);
    assert.equal(walk.previous(halves[1]!), walk.previous(halves[0]!));
  });

  it('colours by cost on a logarithmic scale', () => {
    const scene = buildScene(example('vgg16'), []);
    const heat = heatOf(scene.items, 'params');
    assert.equal(heat.low, 1792);
    assert.equal(heat.high, 102_764_544);
    assert.equal(heat.colors.get('block1_conv1'), 'rgb(68, 1, 84)');
    assert.equal(heat.colors.has('block1_pool'), false);
  });
});

/** A U-Net of so many levels, with so many layers at each on the way down, up, and at the bottom. */
function unetOf(levels: number, down: number, up: number, bottom: number, withLoop: boolean): string {
  const stack = (count: number, filters: string) =>
    `for (let i = 0; i < ${count}; i++) x = tf.layers.conv2d({ filters: ${filters}, kernelSize: 3, padding: 'same' }).apply(x);`;
  const inLevels = (body: string) =>
    withLoop
      ? `for (let level = 0; level < ${levels}; level++) { ${body} }`
      : Array.from({ length: levels }, () => body).join('\n');
  return `import * as tf from '@tensorflow/tfjs';
const input = tf.input({ shape: [128, 128, 3] });
const skips = [];
let x = input;
${inLevels(`${stack(down, '8')} skips.push(x); x = tf.layers.maxPooling2d({ poolSize: 2 }).apply(x);`)}
${stack(bottom, '16')}
${inLevels(`x = tf.layers.concatenate().apply([tf.layers.upSampling2d({}).apply(x), skips.pop()]); ${stack(up, '8')}`)}
const model = tf.model({ inputs: input, outputs: x });`;
}

/** Down on the left, up on the right, connections across level, frames around what belongs to them. */
function checkU(layout: GraphLayout, connections: number): void {
  noOverlaps(layout);
  const at = new Map(layout.nodes.map((node, index) => [node.item.key, { ...node, index }]));
  const middle = ({ x, width }: { x: number; width: number }) => x + width / 2;
  let across = 0;
  for (const { from, to, points } of layout.edges) {
    const [start, end] = [at.get(from)!, at.get(to)!];
    const isSameColumn = middle(start) === middle(end);
    if (end.index !== start.index + 1) {
      across++;
      assert.ok(!isSameColumn && start.y === end.y, `${from} → ${to} is level`);
      assert.ok(points.length === 2 && points[0]!.y === points[1]!.y);
    } else if (isSameColumn) {
      const isOnTheLeft = middle(start) === middle(layout.nodes[0]!);
      assert.equal(end.y > start.y, isOnTheLeft, `${from} → ${to} goes down on the left, up on the right`);
    }
    for (const node of layout.nodes) {
      for (let index = 1; index < points.length; index++) {
        const [a, b] = [points[index - 1]!, points[index]!];
        const isThrough =
          Math.max(a.x, b.x) > node.x + 1 &&
          Math.min(a.x, b.x) < node.x + node.width - 1 &&
          Math.max(a.y, b.y) > node.y + 1 &&
          Math.min(a.y, b.y) < node.y + node.height - 1;
        assert.ok(!isThrough, `${from} → ${to} goes through ${node.item.key}`);
      }
    }
  }
  assert.equal(across, connections);
  for (const group of layout.groups) {
    for (const node of layout.nodes) {
      const inside =
        node.y >= group.y &&
        node.y + node.height <= group.y + group.height &&
        node.x >= group.x &&
        node.x + node.width <= group.x + group.width;
      assert.equal(
        inside,
        node.item.groups.some(({ key }) => key === group.key),
        `${group.label}: ${node.item.key}`,
      );
    }
  }
}

describe('graph layout', () => {
  it('draws a model that shrinks and grows again as a U', () => {
    const layout = layoutGraph(sceneOf(unet), measure);
    assert.ok(!(layout instanceof Promise));
    checkU(layout, 4);
    assert.deepEqual(
      layout.ends.map(({ isUpward, text }) => [isUpward, text]),
      [[true, '256×256×2']],
    );
  });

  for (const levels of [2, 3, 5]) {
    for (const [down, up, bottom] of [
      [1, 1, 1],
      [3, 1, 0],
      [1, 4, 2],
      [2, 2, 5],
    ] as const) {
      for (const withLoop of [true, false])
        it(`draws a U of ${levels} levels, ${down} layers down, ${up} up, ${bottom} at the bottom${withLoop ? ', in loops' : ''}`, () => {
          const layout = layoutGraph(sceneOf(unetOf(levels, down, up, bottom, withLoop)), measure);
          assert.ok(!(layout instanceof Promise));
          checkU(layout, levels);
        });
    }
  }

  it('leaves shortcuts that do not shrink, cross each other or run in parallel to the engine', () => {
    for (const body of [
      // The same size all along.
      'const a = conv(input); const b = conv(a); const c = conv(b); x = add([conv(add([conv(c), b])), a]);',
      // Crossing.
      'const a = conv(input); const b = conv(pool(a)); const c = conv(pool(b)); x = conv(up(c)); x = conv(cat([up(x), a])); x = cat([x, up(b)]);',
      // Branches.
      'const a = conv(input); const b = conv(pool(a)); const c = pool(a); x = cat([up(cat([b, c])), a]);',
    ]) {
      const scene = sceneOf(`import * as tf from '@tensorflow/tfjs';
const conv = (t) => tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }).apply(t);
const pool = (t) => tf.layers.maxPooling2d({ poolSize: 2 }).apply(t);
const up = (t) => tf.layers.upSampling2d({}).apply(t);
const add = (list) => tf.layers.add().apply(list);
const cat = (list) => tf.layers.concatenate().apply(list);
const input = tf.input({ shape: [64, 64, 3] });
let x;
${body}
const model = tf.model({ inputs: input, outputs: x });`);
      assert.ok(layoutGraph(scene, measure) instanceof Promise, body);
    }
  });

  it('needs no engine for a chain', () => {
    const layout = layoutGraph(buildScene(example('vgg19'), []), measure);
    assert.ok(!(layout instanceof Promise));
    noOverlaps(layout);
  });

  it('cuts where all values pass through one layer', () => {
    const scene = sceneOf(resnet20);
    const cuts = cutPositions(scene.items, scene.edges).map((at) => scene.items[at]!.title);
    assert.equal(cuts.filter((title) => title === 'Add').length, 9);
    assert.ok(!cuts.includes('Conv2D 1×1'));
  });

  it('frames hold what belongs to them and nothing else, in a chain', () => {
    const layout = layoutGraph(buildScene(example('vgg16'), []), measure) as GraphLayout;
    for (const group of layout.groups) {
      for (const node of layout.nodes) {
        const inside = node.y >= group.y && node.y + node.height <= group.y + group.height;
        assert.equal(
          inside,
          node.item.groups.some(({ key }) => key === group.key),
          node.item.key,
        );
      }
    }
  });
});

function noOverlaps({ nodes }: GraphLayout): void {
  for (const [index, a] of nodes.entries()) {
    for (const b of nodes.slice(index + 1)) {
      const apart =
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      assert.ok(apart, `${a.item.key} and ${b.item.key}`);
    }
  }
}

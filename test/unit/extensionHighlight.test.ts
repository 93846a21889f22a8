import assert from 'node:assert/strict';
import { layerOfProblem, layersAt, modelAt } from '../../extension/highlight';
import type { WireLayerNode, WireModelGraph } from '../../protocol/modelGraph';

type Range = [line: number, from: number, to: number];

const uri = 'file:///model.ts';
const isDocument = (path: string) => path === uri;

function location([line, from, to]: Range) {
  return { path: uri, range: { start: { line, character: from }, end: { line, character: to } } };
}

function layer(id: string, range: Range): WireLayerNode {
  return { id, name: id, location: location(range) } as WireLayerNode;
}

function graph(id: string, start: Range, ...layers: WireLayerNode[]): WireModelGraph {
  return { id, name: id, location: location(start), layers } as WireModelGraph;
}

const lenet = graph('lenet', [0, 0, 20], layer('conv', [1, 10, 40]), layer('pool', [2, 10, 40]));
const loop = graph(
  'loop',
  [10, 0, 20],
  layer('dense_1', [12, 4, 60]),
  layer('dense_2', [12, 4, 60]),
  layer('inner', [12, 20, 30]),
);

describe('layers at the cursor', () => {
  it('finds the layer whose call contains the cursor, ends included', () => {
    for (const character of [10, 25, 40]) {
      assert.deepEqual(layersAt([lenet], isDocument, { line: 1, character }), {
        modelId: 'lenet',
        layerIds: ['conv'],
      });
    }
  });

  it('finds nothing beside the calls', () => {
    assert.deepEqual(layersAt([lenet], isDocument, { line: 1, character: 9 }), { layerIds: [] });
    assert.deepEqual(layersAt([lenet], isDocument, { line: 3, character: 20 }), { layerIds: [] });
  });

  it('finds all layers of a loop, which share one call', () => {
    assert.deepEqual(layersAt([loop], isDocument, { line: 12, character: 5 }).layerIds, [
      'dense_1',
      'dense_2',
    ]);
  });

  it('prefers the innermost call', () => {
    assert.deepEqual(layersAt([loop], isDocument, { line: 12, character: 25 }).layerIds, ['inner']);
  });

  it('prefers the model that is shown', () => {
    const copy = graph('copy', [0, 0, 20], layer('conv_copy', [1, 10, 40]));
    const at = { line: 1, character: 20 };
    assert.equal(layersAt([lenet, copy], isDocument, at).modelId, 'lenet');
    assert.equal(layersAt([lenet, copy], isDocument, at, 'copy').modelId, 'copy');
    assert.equal(layersAt([lenet, copy], isDocument, at, 'gone').modelId, 'lenet');
  });

  it('leaves layers of other documents alone', () => {
    assert.deepEqual(layersAt([lenet], () => false, { line: 1, character: 20 }).layerIds, []);
  });
});

describe('the model a cursor is about', () => {
  it('is the one whose layers are around it, else the last that starts before it', () => {
    assert.equal(modelAt([lenet, loop], isDocument, { line: 2, character: 12 }), 'lenet');
    assert.equal(modelAt([lenet, loop], isDocument, { line: 5, character: 0 }), 'lenet');
    assert.equal(modelAt([lenet, loop], isDocument, { line: 30, character: 0 }), 'loop');
    assert.equal(modelAt([loop], isDocument, { line: 1, character: 0 }), undefined);
  });
});

describe('the layer a problem is about', () => {
  it('is the innermost whose call contains it', () => {
    assert.equal(layerOfProblem([lenet, loop], location([12, 20, 30])), 'inner');
    assert.equal(layerOfProblem([lenet, loop], location([2, 10, 40])), 'pool');
    assert.equal(layerOfProblem([lenet, loop], undefined), undefined);
  });
});

/** Files as they were at a revision: with the imports of then, and nothing of what is open now. */
import assert from 'node:assert/strict';
import {
  type ModelGraphsResult,
  modelGraphsMethod,
  revisionGraphsMethod,
} from '../../protocol/languageServer';
import { ServerClient } from './client';

const uri = 'file:///workspace/net.ts';
const sizes = 'file:///workspace/sizes.ts';
const text = (layers: string) => `import * as tf from '@tensorflow/tfjs';
import { width } from './sizes';
export const net = tf.sequential({ layers: [
  tf.layers.dense({ inputShape: [4], units: width }),
  ${layers}
] });
`;

describe('models of a revision', function () {
  this.timeout(60_000);
  let client: ServerClient;
  before(async () => {
    client = await ServerClient.start({
      [sizes]: 'export const width = 32;',
      [`${sizes}@3f2a1bc`]: 'export const width = 8;',
    });
  });
  after(() => client.stop());

  const unitsOf = ({ graphs }: ModelGraphsResult) =>
    graphs.map(({ layers }) => layers.map(({ calls }) => calls[0]?.outputShapes[0]?.at(-1)));

  it('are read with what the file imported then', async () => {
    await client.open(uri, text('tf.layers.dense({ units: 2 }),'));
    const now = await client.connection.sendRequest<ModelGraphsResult>(modelGraphsMethod, { uri });
    assert.deepEqual(unitsOf(now), [[32, 2]]);
    const then = await client.connection.sendRequest<ModelGraphsResult>(revisionGraphsMethod, {
      uri,
      languageId: 'typescript',
      text: text(''),
      revision: '3f2a1bc',
    });
    assert.deepEqual(unitsOf(then), [[8]]);
    assert.equal(then.version, null);
    // What is open is as it was.
    const again = await client.connection.sendRequest<ModelGraphsResult>(modelGraphsMethod, { uri });
    assert.deepEqual(unitsOf(again), [[32, 2]]);
  });

  it('say what is lost where an import did not exist then', async () => {
    const then = await client.connection.sendRequest<ModelGraphsResult>(revisionGraphsMethod, {
      uri,
      languageId: 'typescript',
      text: text(''),
      revision: '0000000',
    });
    // A size that is not known, and never today's 32.
    const [[size]] = unitsOf(then) as [[unknown]];
    assert.notEqual(size, 32);
    assert.notEqual(typeof size, 'number');
  });
});

/** Models whose sizes the source leaves open, as they are made with sizes that somebody gave. */
import assert from 'node:assert/strict';
import {
  type ModelGraphsResult,
  modelGraphsMethod,
  type SizedModelResult,
  sizedModelMethod,
} from '../../protocol/languageServer';
import { ServerClient } from './client';

const uri = 'file:///workspace/net.js';

describe('models of given sizes', function () {
  this.timeout(60_000);
  let client: ServerClient;
  before(async () => {
    client = await ServerClient.start({});
  });
  after(() => client.stop());

  let opened = 0;
  const ask = async (body: string, sizes: Record<string, number>): Promise<SizedModelResult> => {
    const file = uri.replace('net', `net${opened++}`);
    await client.open(file, `import * as tf from '@tensorflow/tfjs';\n${body}`);
    const { graphs } = await client.connection.sendRequest<ModelGraphsResult>(modelGraphsMethod, {
      uri: file,
    });
    const modelId = graphs[0]!.id;
    return client.connection.sendRequest(sizedModelMethod, { uri: file, modelId, sizes });
  };
  const unitsOf = ({ graph }: SizedModelResult) =>
    graph?.layers.map(({ calls }) => calls[0]?.outputShapes[0]?.at(-1));

  const builder = `export function build(inputs, numClasses) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ inputShape: [inputs], units: 2 * inputs }));
  if (numClasses > 2) model.add(tf.layers.dense({ units: 64 }));
  model.add(tf.layers.dense({ units: numClasses }));
  return model;
}`;

  it('are those that the builder makes when it is called with them', async () => {
    const many = await ask(builder, { inputs: 4, numClasses: 10 });
    assert.deepEqual(unitsOf(many), [8, 64, 10]);
    assert.equal(many.builder, 'build');
    assert.equal(many.graph?.verdict.kind, 'exact');
    assert.equal(many.graph?.totals.params, 4 * 8 + 8 + 8 * 64 + 64 + 64 * 10 + 10);
    // The size decides which layers there are.
    assert.deepEqual(unitsOf(await ask(builder, { inputs: 4, numClasses: 2 })), [8, 2]);
  });

  it('are none while one is missing', async () => {
    assert.equal((await ask(builder, { inputs: 4 })).graph, null);
  });

  it('have what no function takes put into their formulas', async () => {
    const loaded = `const width = await askSomebody();
const net = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: width }), tf.layers.dense({ units: 2 })] });`;
    const answer = await ask(loaded, { width: 7 });
    assert.deepEqual(unitsOf(answer), [7, 2]);
    assert.equal(answer.builder, 'net');
  });
});

import assert from 'node:assert/strict';
import {
  childEnvironment,
  findNodeRuntime,
  nodeMajor,
  UnusableNode,
} from '../../extension/sidecar/nodeRuntime';
import { isSourceLanguage, mentionsTensorFlow } from '../../extension/tensorflowEvidence';

describe('evidence of TensorFlow.js', () => {
  for (const text of [
    `import * as tf from '@tensorflow/tfjs';`,
    `import '@tensorflow/tfjs-backend-wasm'`,
    `import { layers } from "@tensorflow/tfjs-layers";`,
    `import type { Tensor } from '@tensorflow/tfjs-core'`,
    `const tf = require('@tensorflow/tfjs-node');`,
    `const tf = await import(\`@tensorflow/tfjs-node-gpu\`);`,
    `export * from\n  '@tensorflow/tfjs'`,
    `const model = tf.sequential();`,
    `const out = tf.layers.dense({units: 1}).apply(x)`,
    `await tf.loadLayersModel(url)`,
  ]) {
    it(`is in ${JSON.stringify(text)}`, () => assert.equal(mentionsTensorFlow(text), true));
  }

  for (const text of [
    '',
    `import { z } from 'zod';`,
    `// see @tensorflow/tfjs for more`,
    `import tf from './@tensorflow/tfjs'`,
    `const tf = transferFunction(); tf.modelName; tf.inputs`,
    `gtf.sequential()`,
  ]) {
    it(`is not in ${JSON.stringify(text)}`, () => assert.equal(mentionsTensorFlow(text), false));
  }

  it('is looked for in TypeScript, JavaScript and web pages alone', () => {
    assert.deepEqual(['typescript', 'javascriptreact', 'html', 'python', 'json'].map(isSourceLanguage), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('the Node.js of the compute process', () => {
  it('is known by what it answers to --version', () => {
    assert.equal(nodeMajor('v20.19.1\n'), 20);
    assert.equal(nodeMajor('v24.0.0-nightly'), 24);
    assert.equal(nodeMajor('Python 3.12.1'), null);
    assert.equal(nodeMajor(''), null);
  });

  it('gets no debugger and nothing that VS Code keeps for its own processes', () => {
    const env = { PATH: '/bin', NODE_OPTIONS: '--require x', VSCODE_PID: '1', ELECTRON_RUN_AS_NODE: '1' };
    assert.deepEqual(childEnvironment(env), { PATH: '/bin' });
  });

  it('is the one of the setting', async () => {
    const { command, description } = await findNodeRuntime(process.execPath);
    assert.equal(command, process.execPath);
    assert.match(description, /from the settings/);
  });

  it('is one on the PATH, else our own', async () => {
    const { command, env } = await findNodeRuntime('');
    if (command === 'node') assert.equal(env['ELECTRON_RUN_AS_NODE'], undefined);
    else assert.deepEqual([command, env['ELECTRON_RUN_AS_NODE']], [process.execPath, '1']);
  });

  it('is refused in plain words when the setting names something else', async () => {
    await assert.rejects(findNodeRuntime('/nowhere/node'), (error: Error) => {
      assert.ok(error instanceof UnusableNode);
      assert.match(error.message, /layerwise\.sidecar\.nodePath.*\/nowhere\/node.*cannot be run/);
      return true;
    });
  });
});

import assert from 'node:assert/strict';
import path from 'node:path';
import { checkNativeCode, compiledFor, targets } from '../../scripts/nativePackages.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const onnxruntime = (platform: string) =>
  `node_modules/onnxruntime-node/bin/napi-v6/${platform}/onnxruntime_binding.node`;

describe('the packaged native code', () => {
  // npm installs every platform's binaries of these packages, so each header can be read here.
  const platforms: [file: string, os: string, cpu: string][] = [
    [onnxruntime('linux/x64'), 'linux', 'x64'],
    [onnxruntime('linux/arm64'), 'linux', 'arm64'],
    [onnxruntime('darwin/arm64'), 'darwin', 'arm64'],
    [onnxruntime('win32/x64'), 'win32', 'x64'],
    [onnxruntime('win32/arm64'), 'win32', 'arm64'],
    ['node_modules/webgpu/dist/darwin-universal/dawn.node', 'darwin', 'universal'],
  ];
  for (const [file, os, cpu] of platforms) {
    it(`knows that ${file.replace(/^node_modules\//, '')} is for ${os} ${cpu}`, () => {
      assert.deepEqual(compiledFor(path.join(root, file)), { os, cpu });
    });
  }

  it('knows what is not native code', () => {
    assert.equal(compiledFor(path.join(root, 'package.json')), null);
  });

  it("refuses another platform's binaries", () => {
    const files = [onnxruntime('linux/x64'), onnxruntime('win32/x64')];
    assert.throws(() => checkNativeCode(root, files, targets['linux-x64']), /win32\/x64/);
    checkNativeCode(root, files.slice(0, 1), targets['linux-x64']);
  });
});

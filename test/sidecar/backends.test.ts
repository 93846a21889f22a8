/** The ladder of backends: which rung is taken, and that no broken one harms anything. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { distributionFamily } from '../../sidecar/backends/install/prerequisites';
import { lenet5 } from './support/graphs';
import { buildSidecar, cleanUp, launchSidecar, shortTraining, temporaryFolder } from './support/process';

/** A folder with a package of tfjs-node's name, which npm would have put there. */
function withPackage(code: string, name = '@tensorflow/tfjs-node'): string {
  const folder = temporaryFolder();
  const installed = path.join(folder, 'node_modules', name);
  mkdirSync(installed, { recursive: true });
  writeFileSync(
    path.join(installed, 'package.json'),
    JSON.stringify({ name, version: '4.22.0', main: 'index.js' }),
  );
  writeFileSync(path.join(installed, 'index.js'), code);
  return folder;
}

describe('the ladder of backends', function () {
  this.timeout(180_000);
  before(buildSidecar);
  afterEach(cleanUp);

  it('takes WebAssembly where there is nothing faster, proven against plain JavaScript', async () => {
    const sidecar = launchSidecar();
    const chosen = await sidecar.request('initialize', { backend: 'auto', searchFolders: [] });
    // Where the developer has tfjs-node or a graphics card, that is taken, and rightly.
    if (chosen.backend === 'wasm') {
      assert.equal(chosen.description, 'WebAssembly (SIMD, 1 thread)');
      assert.deepEqual(
        chosen.tried.map(({ backend, taken }) => [backend, taken]),
        [
          ['tensorflow-gpu', false],
          ['tensorflow', false],
          ['webgpu', false],
          ['wasm', true],
        ],
      );
      assert.match(chosen.tried[1]?.reason ?? '', /not installed/);
      assert.match(chosen.tried[1]?.next ?? '', /Install Native Backend/);
      assert.match(chosen.tried[2]?.reason ?? '', /no graphics card|software|does not load/);
    }
    assert.match(chosen.tried.at(-1)?.reason ?? '', /works, within \de-\d+ of plain JavaScript/);
    assert.match(chosen.device, /\w/);
    assert.equal(chosen.warning, undefined);
    assert.deepEqual(chosen.versions, { node: process.versions.node, tfjs: '4.22.0' });
    await assert.rejects(
      sidecar.request('initialize', { backend: 'cpu', searchFolders: [] }),
      /Restart the compute process/,
    );
  });

  it('computes in plain JavaScript when told to, with a warning', async () => {
    const chosen = await launchSidecar().request('initialize', { backend: 'cpu', searchFolders: [] });
    assert.equal(chosen.backend, 'cpu');
    assert.match(chosen.description, /slow/);
    assert.match(chosen.warning ?? '', /100 times slower/);
  });

  it('tells of the memory in use while it computes', async () => {
    const sidecar = launchSidecar();
    await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    const enough = new CancellationTokenSource();
    const seen: number[] = [];
    sidecar.onMemoryUsage(({ tensorBytes, processBytes }) => {
      assert.ok(processBytes > 10e6, `${processBytes}`);
      seen.push(tensorBytes);
      // LeNet-5's weights and their moments in Adam alone are 0.7 MB.
      if (tensorBytes > 700_000) enough.cancel();
    });
    const training = {
      run: 'short',
      model: lenet5(),
      data: { kind: 'bundled-mnist' as const },
      options: { ...shortTraining, epochs: 1000 },
      runsFolder: temporaryFolder(),
    };
    assert.equal((await sidecar.request('train', training, enough.token)).cancelled, true);
    assert.ok(Math.max(...seen) > 700_000, seen.join(' '));
  });

  /** A backend that tfjs takes for TensorFlow's; `kernel` is put before each kernel of the cpu backend. */
  const impostor = (kernel: string) => `
    const tf = require(${JSON.stringify(path.resolve('node_modules/@tensorflow/tfjs'))});
    tf.copyRegisteredKernels('cpu', 'tensorflow');
    for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('tensorflow')) {
      tf.unregisterKernel(kernelName, 'tensorflow');
      tf.registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc: (given) => { ${kernel} } });
    }
    tf.registerBackend('tensorflow', () => {
      const backend = tf.findBackendFactory('cpu')();
      return Object.assign(backend, { binding: { TF_Version: '0' }, isUsingGpuDevice: false });
    });`;

  const broken: [what: string, code: string, reason: RegExp][] = [
    ['throws', "throw new Error('GLIBC_2.99 not found')", /^GLIBC_2\.99 not found/],
    [
      'kills its process, as native code can',
      "process.kill(process.pid, 'SIGSEGV'); for (;;);",
      /^it crashed with SIGSEGV/,
    ],
    ['aborts', "console.error('terminate called'); process.abort();", /^it crashed with SIGABRT/],
    ['ends its process', 'process.exit(7)', /^it ended its process with code 7/],
    ['hangs', 'for (;;);', /^it did not answer within 20 s/],
    [
      'hangs and floods its output',
      "const { writeSync } = require('node:fs'); for (;;) try { writeSync(2, 'x'.repeat(1000)); } catch {}",
      /^it did not answer within 20 s/,
    ],
    ['registers nothing', 'module.exports = {};', /does not start|tensorflow/],
    ['is not JavaScript', '\0\u0001 GIF89a', /Invalid or unexpected token/],
    [
      'computes wrongly',
      impostor(`const result = kernelFunc(given);
        if (kernelName === 'MatMul' || kernelName === '_FusedMatMul') given.backend.data.get(result.dataId).values[0] += 0.01;
        return result;`),
      /^a training step differs by 0\.0\d+ from plain JavaScript/,
    ],
    [
      'computes NaN',
      impostor(`const result = kernelFunc(given);
        if (kernelName === 'Tanh') given.backend.data.get(result.dataId).values.fill(NaN);
        return result;`),
      /^a training step differs by NaN/,
    ],
  ];
  for (const [what, code, reason] of broken) {
    it(`survives a tfjs-node that ${what}`, async () => {
      const params = { searchFolders: [withPackage(code)], probeSeconds: 20 };
      const sidecar = launchSidecar();
      const chosen = await sidecar.request('initialize', { backend: 'auto', ...params });
      assert.notEqual(chosen.backend, 'tensorflow');
      const tried = chosen.tried.find(({ backend }) => backend === 'tensorflow');
      assert.equal(tried?.taken, false);
      assert.match(tried?.reason ?? '', reason);
      assert.equal(
        tried?.folder,
        path.join(params.searchFolders[0] ?? '', 'node_modules/@tensorflow/tfjs-node'),
      );
      // It computes.
      await sidecar.request('describeData', { data: { kind: 'bundled-mnist' } });
    });
  }

  it('says why the one asked for does not work, and can then be asked for another', async () => {
    const sidecar = launchSidecar();
    const searchFolders = [withPackage("throw new Error('GLIBC_2.99 not found')")];
    await assert.rejects(
      sidecar.request('initialize', { backend: 'tensorflow', searchFolders }),
      /`tensorflow` does not work here: .*tfjs-node: GLIBC_2\.99 not found\. Or choose another one/,
    );
    await assert.rejects(
      sidecar.request('initialize', { backend: 'tensorflow-gpu', searchFolders }),
      /tfjs-node-gpu is not installed/,
    );
    const chosen = await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    assert.equal(chosen.backend, 'wasm');
  });

  it('does not take the package for graphics cards at its word: without a card it is the processor', async () => {
    const code = impostor('return kernelFunc(given);');
    const searchFolders = [withPackage(code, '@tensorflow/tfjs-node-gpu')];
    const chosen = await launchSidecar().request('initialize', { backend: 'auto', searchFolders });
    assert.deepEqual(
      chosen.tried.map(({ backend, taken }) => [backend, taken]),
      [
        ['tensorflow-gpu', false],
        ['tensorflow', true],
      ],
    );
    assert.match(chosen.tried[0]?.reason ?? '', /finds no graphics card/);
  });

  it('goes on to the next folder where the first one has a broken package', async () => {
    const searchFolders = [
      withPackage("throw new Error('GLIBC_2.99 not found')"),
      withPackage(impostor('return kernelFunc(given);')),
    ];
    const chosen = await launchSidecar().request('initialize', { backend: 'tensorflow', searchFolders });
    assert.deepEqual(
      chosen.tried.map(({ folder, taken }) => [searchFolders.findIndex((f) => folder?.startsWith(f)), taken]),
      [
        [0, false],
        [1, true],
      ],
    );
  });
});

describe('WebGPU', function () {
  this.timeout(240_000);
  before(buildSidecar);
  afterEach(cleanUp);

  /** Vulkan in software, which Chromium brings along. */
  const swiftShader = '/usr/lib/chromium';
  const icd = path.join(swiftShader, 'vk_swiftshader_icd.json');
  const software = { ...process.env, LD_LIBRARY_PATH: swiftShader, VK_ICD_FILENAMES: icd };
  const needsSwiftShader = (test: Mocha.Context) => {
    if (existsSync(icd) && existsSync(path.join(swiftShader, 'libvulkan.so.1'))) return;
    console.log(`      skipped: there is no Vulkan in software, ${icd}`);
    test.skip();
  };

  it('is not taken where Vulkan is only software', async function () {
    needsSwiftShader(this);
    const sidecar = launchSidecar({ env: software });
    await assert.rejects(
      sidecar.request('initialize', { backend: 'webgpu', searchFolders: [] }),
      /the only adapter is software, slower than WebAssembly: SwiftShader/,
    );
  });

  it('trains, on Vulkan in software', async function () {
    needsSwiftShader(this);
    const sidecar = launchSidecar({ env: { ...software, LAYERWISE_ALLOW_SOFTWARE_GPU: '1' } });
    const chosen = await sidecar.request('initialize', { backend: 'webgpu', searchFolders: [] });
    assert.match(chosen.description, /^WebGPU \(SwiftShader/);
    assert.match(chosen.tried[0]?.reason ?? '', /works, within \de-\d+ of plain JavaScript/);
    assert.equal((await sidecar.shutdown()).code, 0);
  });
});

describe('what building the addon needs', () => {
  const distributions: [osRelease: string, family: string | undefined][] = [
    ['ID=debian\nVERSION_ID="12"', 'debian'],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"', 'debian'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'fedora'],
    ['ID=fedora', 'fedora'],
    ['ID=arch', 'arch'],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', 'suse'],
    ['ID=nixos', undefined],
    ['', undefined],
  ];
  for (const [osRelease, family] of distributions) {
    it(`${osRelease.split('\n').find((line) => line.startsWith('ID=')) ?? 'nothing'} is ${family ?? 'unknown'}`, () => {
      assert.equal(distributionFamily(osRelease), family);
    });
  }
});

/** tfjs-backend-webgpu on Dawn (npm `webgpu`): graphics cards of every maker, through Vulkan, Metal or Direct3D 12. */
import { messageOf } from '../errors';
import { type Loaded, NotUsable } from './candidate';
import { prove } from './proof';

/** Vulkan and Direct3D in software: right, but far slower than WebAssembly. Tests allow them. */
const softwareAllowed = process.env['LAYERWISE_ALLOW_SOFTWARE_GPU'] === '1';
const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/** What of WebGPU's types is used here. */
interface AdapterInfo {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  isFallbackAdapter?: boolean;
}
interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<{ info: AdapterInfo } | null>;
}
interface Dawn {
  create(flags: string[]): Gpu;
  globals: object;
}

/** Dawn ends with its `gpu` object, so that must live as long as the process. */
let gpu: Gpu | undefined;

/** Registers the backend `webgpu` with the tfjs of this process and proves it. */
export async function loadWebgpu(): Promise<Loaded> {
  const device = await chooseAdapter();
  await import('@tensorflow/tfjs-backend-webgpu');
  const difference = await prove('webgpu');
  return { description: `WebGPU (${device})`, device, difference };
}

/** @returns its name */
async function chooseAdapter(): Promise<string> {
  const { create, globals } = await loadDawn();
  gpu ??= create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new NotUsable(
      'there is no graphics card with a driver for Vulkan, Metal or Direct3D 12',
      process.platform === 'linux'
        ? "Where there is a card, install its Vulkan driver and libvulkan (Debian, Ubuntu: sudo apt install libvulkan1 mesa-vulkan-drivers, or NVIDIA's driver)."
        : "Where there is a card, install its maker's driver.",
    );
  }
  const { info } = adapter;
  const name = info.description || info.device || `${info.vendor} ${info.architecture}`.trim();
  const isSoftware =
    info.isFallbackAdapter === true || softwareNames.test(`${info.device} ${info.description}`);
  if (isSoftware && !softwareAllowed)
    throw new NotUsable(`the only adapter is software, slower than WebAssembly: ${name}`);
  // What a browser has: tfjs-backend-webgpu looks for it when it loads.
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: 'node' },
    configurable: true,
    writable: true,
  });
  return name || 'a graphics card without a name';
}

async function loadDawn(): Promise<Dawn> {
  try {
    return (await import('webgpu')) as unknown as Dawn;
  } catch (error) {
    throw new NotUsable(
      `its native library does not load here (${process.platform} ${process.arch}): ${messageOf(error).split('\n')[0]}`,
    );
  }
}

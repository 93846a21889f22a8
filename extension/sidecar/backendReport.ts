import {
  type BackendName,
  backendName,
  type InitializeResult,
  type MemoryUsage,
} from '../../protocol/sidecar';

/** What each backend is, for people who do not know its name. */
export const backendTitles: Record<BackendName, string> = {
  'tensorflow-gpu': "TensorFlow's own library on an NVIDIA graphics card",
  tensorflow: "TensorFlow's own library",
  webgpu: 'a graphics card through Vulkan, Metal or Direct3D 12',
  wasm: 'WebAssembly',
  cpu: 'plain JavaScript',
};

export interface ReportedProcess {
  backend: InitializeResult;
  memory: MemoryUsage | undefined;
  pid: number | undefined;
  /** The setting layerwise.sidecar.backend. */
  pinned: BackendName | 'auto';
}

/** The rungs that were not tried, as a faster one works or another one is pinned. */
export function untried({ tried }: InitializeResult): BackendName[] {
  return backendName.options.filter((name) => !tried.some(({ backend }) => backend === name));
}

/** What was tried, in order, why each was or was not taken, and what to do about it; as Markdown. */
export function backendReport({ backend, memory, pid, pinned }: ReportedProcess): string {
  const facts: [string, string][] = [
    ['Computes with', backend.description],
    ['Device', backend.device],
    [
      'Memory',
      memory
        ? `${formatBytes(memory.processBytes)} of the machine's, of it tensors ${formatBytes(memory.tensorBytes)}`
        : 'unknown',
    ],
    ['Process', `${pid}, Node.js ${backend.versions.node}, TensorFlow.js ${backend.versions.tfjs}`],
    ['Setting `layerwise.sidecar.backend`', `\`${pinned}\``],
  ];
  const tried = backend.tried.map(({ backend: name, folder, taken, reason, next }, i) =>
    [
      `${i + 1}. **${name}** (${backendTitles[name]}): ${taken ? '**in use**' : 'not used'}, ${escaped(reason)}.`,
      ...(folder ? [`   Package: \`${folder}\`.`] : []),
      ...(next ? [`   What you can do: ${escaped(next)}`] : []),
    ].join('\n'),
  );
  const rest = untried(backend);
  const why = pinned === 'auto' ? 'what is in use is faster' : 'the setting names one';
  return [
    '# Compute backends of Layerwise',
    ...(backend.warning ? [`> **Warning:** ${backend.warning}`] : []),
    ['| | |', '| --- | --- |', ...facts.map(([name, value]) => `| ${name} | ${escaped(value)} |`)].join('\n'),
    '## What was tried, the fastest first',
    tried.join('\n'),
    ...(rest.length > 0 ? [`Not tried, as ${why}: ${rest.map((name) => `**${name}**`).join(', ')}.`] : []),
    'Native code is first tried in a process of its own, and every backend must do a training step and agree with plain JavaScript before it is used.',
    '## What you can do',
    [
      '- **Layerwise: Install Native Backend** puts `@tensorflow/tfjs-node` (`-gpu` where there is an NVIDIA card) into the storage of Layerwise. It changes nothing in your project.',
      '- A `@tensorflow/tfjs-node` in the `node_modules` of a trusted workspace is used before that one.',
      '- The setting `layerwise.sidecar.backend` pins one backend; `auto` takes the fastest that works.',
      '- **Layerwise: Restart Compute Process** tries all of them again.',
    ].join('\n'),
    '',
  ].join('\n\n');
}

/** Text of other programs, so that it is shown as it is. */
function escaped(text: string): string {
  return text.replace(/[<>|*_[\]]/g, '\\$&').replace(/\s*\n\s*/g, ' ');
}

/** E.g. `112 MB`, `1.3 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

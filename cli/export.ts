/** `layerwise export MODEL --to FILE.onnx`: a trained model in another format, without a window. */
import path from 'node:path';
import { Command, Option } from 'commander';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { memoryText } from '../model-graph/trainingMemory';
import type { ExportModelResult, InitializeParams } from '../protocol/sidecar';
import { describeCheck } from '../protocol/sidecar';
import { type SidecarConnection, SidecarRequestError } from '../sidecar/connect';
import { startCompute } from './compute';
import { print } from './output';
import { UsageError } from './usageError';

interface ExportArguments {
  to: string;
  force?: boolean;
  backend: InitializeParams['backend'];
  format: 'text' | 'json';
}

/** Exit codes: 0 written, 1 it could not be, 2 bad usage. */
export function exportCommand(exit: (code: number) => void): Command {
  return new Command('export')
    .description('write a trained model as ONNX, and compare it with TensorFlow.js')
    .argument('<model>', "a run's folder, or a model.json in the tfjs layers format")
    .requiredOption('--to <file>', 'the .onnx file to be')
    .option('--force', 'take the place of a file that is there')
    .addOption(
      new Option('--backend <backend>', 'what computes the comparison')
        .choices(['auto', 'tensorflow', 'wasm', 'cpu'])
        .default('auto'),
    )
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .action(async (model: string, args: ExportArguments) => exit(await exportModel(model, args)));
}

async function exportModel(model: string, { to, force, backend, format }: ExportArguments): Promise<number> {
  if (!/\.onnx$/i.test(to)) throw new UsageError(`--to ${to}: the name of the file must end in .onnx.`);
  const compute = startCompute();
  const source = new CancellationTokenSource();
  const cancel = () => source.cancel();
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  try {
    await compute.request('initialize', { backend, searchFolders: [process.cwd()] });
    const params = { modelPath: path.resolve(model), target: path.resolve(to), overwrite: force ?? false };
    if (format === 'text') await stateMemory(compute, params.modelPath);
    const result = await compute.request('exportModel', params, source.token);
    print(format === 'json' ? JSON.stringify({ version: 1, ...result }, null, 2) : textOf(result));
    return 0;
  } catch (error) {
    if (!(error instanceof SidecarRequestError)) throw error;
    throw new UsageError(error.message.replace('say that it may be replaced', 'add --force'), 1);
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
    await compute.shutdown();
  }
}

/** Before anything is read; for small models it goes without saying. What is wrong with the model is told by the export. */
async function stateMemory(compute: SidecarConnection, modelPath: string): Promise<void> {
  const memory = await compute.request('modelMemory', { modelPath }).catch(() => undefined);
  if (!memory || memory.exporting < 500e6) return;
  print(
    `Exporting the model takes of memory up to ${memoryText(memory.exporting)} (weights ${memoryText(memory.weights)}).`,
  );
}

function textOf(result: ExportModelResult): string {
  const { files, bytes, inputs, outputs, check } = result;
  return [
    ...files.map((file, i) => (i === 0 ? `${file}  ${(bytes / 1e6).toFixed(1)} MB` : `  weights in ${file}`)),
    `  takes  ${inputs.join(', ')}`,
    `  gives  ${outputs.join(', ')}`,
    `  ${describeCheck(check)}`,
  ].join('\n');
}

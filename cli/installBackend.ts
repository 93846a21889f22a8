/** `layerwise install-backend`: puts TensorFlow's own library where `layerwise train` and `classify` find it. */
import { Command, Option } from 'commander';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { InstallNativeBackendParams } from '../protocol/sidecar';
import { startCompute } from './compute';
import { complain } from './output';
import { ProgressLines } from './train/progress';

/** Exit codes: 0 installed and proven, 1 failed, 130 cancelled (nothing was changed). */
export function installBackendCommand(exit: (code: number) => void): Command {
  return new Command('install-backend')
    .description(
      "install TensorFlow's own library (@tensorflow/tfjs-node), several times faster than WebAssembly",
    )
    .addOption(
      new Option('--device <device>', 'what it is for; auto: an NVIDIA graphics card where there is one')
        .choices(['auto', 'cpu', 'gpu'])
        .default('auto'),
    )
    .option('--from-wheel', "compile against TensorFlow's wheel, without trying the package's own download")
    .action(async (options: { device: InstallNativeBackendParams['device']; fromWheel?: boolean }) => {
      exit(
        await install({
          device: options.device,
          source: options.fromWheel ? 'wheel' : 'any',
        }),
      );
    });
}

async function install(params: InstallNativeBackendParams): Promise<number> {
  const lines = new ProgressLines(process.stdout);
  const compute = startCompute();
  const cancellation = new CancellationTokenSource();
  const cancel = () => {
    lines.rewrite('Cancelling…');
    cancellation.cancel();
  };
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  let latest = '';
  compute.onInstallProgress(({ step, steps, title, detail }) => {
    if (title !== latest) lines.say(`[${step}/${steps}] ${title}`);
    latest = title;
    if (detail) lines.rewrite(`        ${detail}`);
  });
  try {
    const { cancelled, verdict, logFile } = await compute.request(
      'installNativeBackend',
      params,
      cancellation.token,
    );
    lines.say(verdict);
    if (!cancelled) lines.say(`Log: ${logFile}`);
    return cancelled ? 130 : 0;
  } catch (error) {
    lines.clear();
    complain(`layerwise: ${(error as Error).message}`);
    return 1;
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
    await compute.shutdown();
  }
}

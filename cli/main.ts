/** `layerwise`: the analysis and the compute process, in the terminal. */
import { Command, CommanderError, Option } from 'commander';
import { type CheckFormat, check, checkFormats } from './check';
import { classifyCommand } from './classify';
import { compare } from './compare';
import { exportCommand } from './export';
import { inspect } from './inspect';
import { installBackendCommand } from './installBackend';
import { complain } from './output';
import { trainCommand } from './train';
import { UsageError } from './usageError';
import { version } from './version';

/** Exit codes: 0 fine, 1 something was found or failed, 2 bad usage, 130 stopped by Ctrl-C. */
async function main(): Promise<number> {
  let code = 0;
  const program = new Command('layerwise')
    .description('Shapes, parameters and costs of TensorFlow.js models, read from source without running it.')
    .version(version)
    .exitOverride();
  program
    .command('inspect')
    .description('print every model of the files, layer by layer')
    .argument('<file...>', 'TypeScript, JavaScript or HTML files, a saved model.json, or an .onnx file')
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .action((files: string[], options: { format: 'text' | 'json' }) => {
      code = inspect(files, options.format);
    });
  program
    .command('compare')
    .description('print what differs from one model to the next, and their totals')
    .argument(
      '<model...>',
      'FILE or FILE#model: a program, a saved model.json, or an .onnx file; two or more',
    )
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .action((references: string[], options: { format: 'text' | 'json' }) => {
      code = compare(references, options.format);
    });
  program
    .command('check')
    .description('report what TensorFlow.js would reject; exit code 1 on an error')
    .argument('<path...>', 'TypeScript, JavaScript or HTML files, or folders of them')
    .addOption(new Option('--format <format>').choices(checkFormats).default('text'))
    .action((paths: string[], options: { format: CheckFormat }) => {
      code = check(paths, options.format);
    });
  program.addCommand(
    installBackendCommand((exit) => {
      code = exit;
    }).exitOverride(),
  );
  program.addCommand(
    trainCommand((exit) => {
      code = exit;
    }).exitOverride(),
  );
  program.addCommand(
    classifyCommand((exit) => {
      code = exit;
    }).exitOverride(),
  );
  program.addCommand(
    exportCommand((exit) => {
      code = exit;
    }).exitOverride(),
  );
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError) {
      complain(`layerwise: ${error.message}`);
      return error.exitCode;
    }
    throw error;
  }
  return code;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    complain(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  },
);

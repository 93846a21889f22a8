/** `layerwise`: the analysis in the terminal. */
import { Command, CommanderError } from 'commander';
import { inspect } from './inspect';

/** Exit codes: 0 fine, 1 something was found, 2 bad usage. */
async function main(): Promise<number> {
  let code = 0;
  const program = new Command('layerwise')
    .description('Shapes, parameters and costs of TensorFlow.js models, read from source without running it.')
    .version(process.env.LAYERWISE_VERSION ?? '0.0.0')
    .exitOverride();
  program
    .command('inspect')
    .description('print every model of the files, layer by layer')
    .argument('<file...>', 'TypeScript or JavaScript files')
    .option('--format <format>', 'text or json', parseFormat, 'text')
    .action((files: string[], options: { format: 'text' | 'json' }) => {
      code = inspect(files, options.format);
    });
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  return code;
}

function parseFormat(value: string): 'text' | 'json' {
  if (value === 'text' || value === 'json') return value;
  throw new CommanderError(2, 'layerwise.format', `error: --format takes text or json, not "${value}"`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);

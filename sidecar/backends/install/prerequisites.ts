/** What building tfjs-node's addon needs of the machine, and how to get what is missing. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { SidecarError } from '../../errors';
import { type RunOptions, run } from './programs';

interface Tool {
  name: string;
  /** The first of these that runs is used. */
  commands: [command: string, ...args: string[]][];
  /** Its package, by the family of the distribution. */
  packages: Record<'debian' | 'fedora' | 'arch' | 'suse', string>;
}

const tools = {
  python: {
    name: 'Python 3 with pip',
    commands: [
      ['python3', '-m', 'pip', '--version'],
      ['python', '-m', 'pip', '--version'],
    ],
    packages: { debian: 'python3-pip', fedora: 'python3-pip', arch: 'python-pip', suse: 'python3-pip' },
  },
  compiler: {
    name: 'a C++ compiler (g++)',
    commands: [['g++', '--version']],
    packages: { debian: 'g++', fedora: 'gcc-c++', arch: 'gcc', suse: 'gcc-c++' },
  },
  make: {
    name: 'make',
    commands: [['make', '--version']],
    packages: { debian: 'make', fedora: 'make', arch: 'make', suse: 'make' },
  },
} satisfies Record<string, Tool>;

/**
 * @returns the name of Python's command
 * @throws SidecarError that names all that is missing, and the command that installs it here.
 */
export async function requireBuildTools(options: RunOptions): Promise<string> {
  const found = new Map<string, string>();
  for (const [key, { commands }] of Object.entries(tools) as [string, Tool][]) {
    for (const [command, ...args] of commands) {
      if (found.has(key)) break;
      const works = await run(command, args, options).then(
        () => true,
        () => false,
      );
      options.signal.throwIfAborted();
      if (works) found.set(key, command);
    }
  }
  const missing = (Object.entries(tools) as [string, Tool][]).filter(([key]) => !found.has(key));
  if (missing.length > 0) {
    throw new SidecarError(
      `Building TensorFlow's addon needs ${missing.map(([, { name }]) => name).join(', ')}, which this machine lacks.`,
      {
        next: `${howToInstall(missing.map(([, tool]) => tool))} Then run Layerwise: Install Native Backend again.`,
      },
    );
  }
  return found.get('python') ?? 'python3';
}

function howToInstall(missing: Tool[]): string {
  const family = distributionFamily(readOsRelease());
  const commands = {
    debian: 'sudo apt install',
    fedora: 'sudo dnf install',
    arch: 'sudo pacman -S',
    suse: 'sudo zypper install',
  };
  if (!family) return "Install them with your system's package manager.";
  return `Install: \`${commands[family]} ${missing.map(({ packages }) => packages[family]).join(' ')}\`.`;
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

/** Which package manager a distribution has, by its /etc/os-release. */
export function distributionFamily(osRelease: string): keyof Tool['packages'] | undefined {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, id = '']) =>
    id.split(' '),
  );
  if (ids.includes('debian') || ids.includes('ubuntu')) return 'debian';
  if (ids.includes('fedora') || ids.includes('rhel')) return 'fedora';
  if (ids.includes('arch')) return 'arch';
  return ids.some((id) => /suse/.test(id)) ? 'suse' : undefined;
}

/** The environment for npm and what it runs: this very Node.js first, and its own headers where it has them. */
export function installEnvironment(temporaryFolder: string): NodeJS.ProcessEnv {
  // What an npm that started us has set for its own project; people's settings (registry, proxy, cache, …) hold.
  const ownNpm =
    /^npm_(?!config_)|^npm_config_(?:local_prefix|prefix|global|argv|workspaces?|omit|production|ignore_scripts|dry_run)$/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ownNpm.test(name)));
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const prefix = path.dirname(path.dirname(realpathSync(process.execPath)));
  const hasHeaders = existsSync(path.join(prefix, 'include/node/node_api.h'));
  return {
    ...env,
    [pathName]: `${path.dirname(process.execPath)}${path.delimiter}${env[pathName] ?? ''}`,
    // Without it node-gyp downloads the headers.
    ...(hasHeaders && !env['npm_config_nodedir'] ? { npm_config_nodedir: prefix } : {}),
    TMPDIR: temporaryFolder,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
  };
}

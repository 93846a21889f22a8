// Finds the browser that the tests drive, or installs it where that is possible without asking.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Failure, run, step } from './run.mjs';

const places = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  `${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`,
];

/** The path of an installed Chromium or Chrome, or undefined. */
export function findChromium() {
  return places.find((place) => place && existsSync(place));
}

/** The path of a Chromium; installs Debian's package as root or with a sudo that does not ask. */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const command = [
    ...sudo,
    'apt-get',
    'install',
    '-y',
    '--no-install-recommends',
    'chromium',
    'fonts-liberation',
  ];
  const byHand =
    'Chromium is missing. Install it, e.g. with: sudo apt-get update && sudo apt-get install -y chromium';
  const aptIsThere = process.platform === 'linux' && existsSync('/usr/bin/apt-get');
  if (!aptIsThere) throw new Failure(`${byHand}\n(or name one in the environment variable CHROMIUM_PATH)`);
  if (sudo.length > 0 && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0)
    throw new Failure(byHand);

  step('Installing Chromium (apt-get)');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const [program, ...args] = command;
  const [updater, ...updateArgs] = [...sudo, 'apt-get', 'update'];
  await run(updater, updateArgs, { env, quiet: true }).catch((error) => console.error(error.message));
  await run(program, args, { env, quiet: true }).catch((error) => {
    throw new Failure(`${error.message}\n${byHand}`);
  });
  const installed = findChromium();
  if (!installed) throw new Failure(byHand);
  return installed;
}

/** What headless Chromium needs in a container, as root, without a network. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// Finds the browser that the tests drive, or installs it where that is possible without asking.
import { existsSync } from 'node:fs';
import { installDebianPackages } from './debianPackages.mjs';
import { Failure } from './run.mjs';

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
  try {
    await installDebianPackages(['chromium', 'fonts-liberation']);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`${error.message}\n(or name one in the environment variable CHROMIUM_PATH)`);
  }
  const installed = findChromium();
  if (!installed)
    throw new Failure('Chromium was installed, but is not where it is looked for; name it in CHROMIUM_PATH.');
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

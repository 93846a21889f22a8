// Debian's packages that the tests use, installed where that is possible without asking anybody.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Failure, run, step } from './run.mjs';

/** Installs packages as root, or with a sudo that does not ask. Throws a `Failure` that says what to do by hand. */
export async function installDebianPackages(packages) {
  const names = packages.join(' ');
  const byHand = `Install it, e.g. with: sudo apt-get update && sudo apt-get install -y ${names}`;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const aptIsThere = process.platform === 'linux' && existsSync('/usr/bin/apt-get');
  const mayInstall = sudo.length === 0 || spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  if (!aptIsThere || !mayInstall) throw new Failure(`${names} is missing. ${byHand}`);

  step(`Installing ${names} (apt-get)`);
  const apt = (...args) => {
    const [program, ...rest] = [...sudo, 'apt-get', ...args];
    return run(program, rest, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, quiet: true });
  };
  await apt('update').catch((error) => console.error(error.message));
  await apt('install', '-y', '--no-install-recommends', ...packages).catch((error) => {
    throw new Failure(`${error.message}\n${byHand}`);
  });
}

// Preloaded into the sidecar: ends it with SIGKILL at the step KILL_AT of writing in the folder KILL_IN. A step is what a
// crash can come between: before a file is opened, in the midst of its content, before it is flushed, before and after it
// is renamed, before one is removed. With FAIL_WITH the step fails with that code, e.g. ENOSPC, instead.
const files = require('node:fs/promises');

const folder = process.env.KILL_IN;
let left = Number(process.env.KILL_AT);
const isStep = (file) => String(file).startsWith(folder) && --left === 0;
const die = () => {
  const code = process.env.FAIL_WITH;
  if (!code) return process.kill(process.pid, 'SIGKILL');
  throw Object.assign(new Error(`${code}: no luck, write`), { code });
};

const { open, rename, rm } = files;
files.open = async (file, flags = 'r', ...rest) => {
  if (flags === 'r') return open(file, flags, ...rest);
  if (isStep(file)) die();
  const handle = await open(file, flags, ...rest);
  const { writeFile, write, sync, datasync } = handle;
  handle.writeFile = async (content) => {
    if (!isStep(file)) return writeFile.call(handle, content);
    await writeFile.call(handle, content.slice(0, content.length / 2));
    die();
  };
  handle.write = async (bytes, ...more) => {
    if (!isStep(file)) return write.call(handle, bytes, ...more);
    await write.call(handle, bytes.subarray(0, bytes.length / 2));
    die();
  };
  handle.sync = () => (isStep(file) ? die() : sync.call(handle));
  handle.datasync = () => (isStep(file) ? die() : datasync.call(handle));
  return handle;
};
files.rename = async (from, to) => {
  if (isStep(to)) die();
  await rename(from, to);
  if (isStep(to)) die();
};
files.rm = async (file, ...rest) => {
  if (isStep(file)) die();
  await rm(file, ...rest);
};

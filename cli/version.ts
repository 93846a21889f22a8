/** The version that the command line and its reports give. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** From the package that this file, or the bundle in dist/, is part of. */
export const version: string = JSON.parse(
  readFileSync(path.join(__dirname, '../package.json'), 'utf8'),
).version;

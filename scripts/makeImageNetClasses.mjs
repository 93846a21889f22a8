// Writes media/imagenet-classes.json from the class names that npm @tensorflow-models/mobilenet ships (Apache-2.0).
// Usage: npm pack @tensorflow-models/mobilenet@2.1.1, unpack it, node scripts/makeImageNetClasses.mjs package/
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const folder = path.resolve(process.argv[2] ?? 'package');
const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
const { IMAGENET_CLASSES } = createRequire(import.meta.url)(path.join(folder, 'dist/imagenet_classes.js'));
const classes = Array.from({ length: 1000 }, (_, index) => IMAGENET_CLASSES[index]);
if (classes.some((label) => !label)) throw new Error('A class has no name.');
const source = `npm ${name} ${version}, dist/imagenet_classes.js, Copyright 2019 Google LLC, Apache-2.0 (https://www.apache.org/licenses/LICENSE-2.0)`;
const target = path.resolve(import.meta.dirname, '../media/imagenet-classes.json');
writeFileSync(target, `${JSON.stringify({ source, classes }, null, 1)}\n`);

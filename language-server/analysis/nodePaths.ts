/** Where a program says its files are: `__dirname`, `import.meta`, and Node's modules `path` and `url`. */
import { directoryOf, joinPath, schemeOf } from './paths';
import { type CallSite, NativeFunction, ObjectValue, UnknownValue, type Value } from './values';

export function isPathModule(specifier: string): boolean {
  return /^(node:)?(path(\/posix)?|url)$/.test(specifier);
}

/** `path` and `url` in one: their names do not collide. */
export function pathModule(rest: UnknownValue): ObjectValue {
  const module = new ObjectValue([
    ['join', textFunction('path.join', (...parts) => normalized(parts.filter(Boolean).join('/')))],
    ['resolve', textFunction('path.resolve', resolved)],
    ['dirname', textFunction('path.dirname', (path) => directoryOf(path).replace(/(.)\/$/, '$1') || '.')],
    ['fileURLToPath', textFunction('fileURLToPath', (url) => url.replace(/^file:\/\//, ''))],
    ['pathToFileURL', textFunction('pathToFileURL', (path) => `file://${path}`)],
    ['sep', '/'],
  ]);
  module.properties.set('default', module);
  module.rest = rest;
  return module;
}

/** `__dirname` and `__filename` of the module at `path`, which may be a URI. */
export function placeOfModule(name: string, pathOf: () => string): Value {
  if (name !== '__dirname' && name !== '__filename') return undefined;
  const path = pathOf();
  const file = path.slice(schemeOf(path).length);
  return name === '__filename' ? file : directoryOf(file).replace(/(.)\/$/, '$1');
}

export function importMeta(path: string, rest: UnknownValue): ObjectValue {
  const meta = new ObjectValue([
    ['url', `file://${placeOfModule('__filename', () => path)}`],
    ['filename', placeOfModule('__filename', () => path)],
    ['dirname', placeOfModule('__dirname', () => path)],
  ]);
  meta.rest = rest;
  return meta;
}

function textFunction(name: string, compute: (...texts: string[]) => string): NativeFunction {
  return new NativeFunction(name, (args: Value[], site: CallSite) => {
    const unknown = args.find((arg) => typeof arg !== 'string');
    if (unknown === undefined) return compute(...(args.length > 0 ? (args as string[]) : ['']));
    const reason = unknown instanceof UnknownValue ? unknown.reason : 'it is not text';
    return new UnknownValue(`${name}()`, `the path is not known: ${reason}`, site.location, 'string');
  });
}

/** From the last part that starts at the root. Without one it stays relative: where the program is started is not known. */
function resolved(...parts: string[]): string {
  const root = parts.findLastIndex((part) => /^([a-z]:)?\//i.test(part));
  return normalized(parts.slice(Math.max(root, 0)).filter(Boolean).join('/'));
}

function normalized(path: string): string {
  if (path.startsWith('/')) return joinPath('/', path);
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/') || '.';
}

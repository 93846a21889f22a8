/**
 * `tf.loadLayersModel` of a file of the workspace: the model that the file describes. Only files that the program
 * names are read, and only near the program; nothing is ever fetched from the network.
 */
import { checkManifest } from '../../model-graph/checks/weights';
import { readModelInto } from '../../model-graph/readers/modelJson';
import type { Evaluation } from './evaluator/evaluation';
import { directoryOf, joinPath, schemeOf } from './paths';
import { type CallSite, UnknownValue, type Value } from './values';

/** A path is meant from the folder in which the program is started, and that is not known: these many above its own. */
const foldersAbove = 3;
/** A loop that loads more is a slip, and would take its time. */
const maximumLoads = 30;

const loads = new WeakMap<Evaluation, number>();

export function loadLayersModel(evaluator: Evaluation, where: Value, site: CallSite): Value {
  const lost = (reason: string) => new UnknownValue('tf.loadLayersModel()', reason, site.location);
  if (typeof where !== 'string') {
    const why = where instanceof UnknownValue ? `: ${where.reason}` : '';
    return lost(`which model tf.loadLayersModel loads is not known${why}`);
  }
  const [, scheme = 'file', path = where] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(where) ?? [];
  if (/^https?$/i.test(scheme)) return lost(`the model at '${where}' is on the network, and is not fetched`);
  if (!/^file$/i.test(scheme)) return lost(`the model '${where}' is kept where the program runs`);
  const count = (loads.get(evaluator) ?? 0) + 1;
  loads.set(evaluator, count);
  if (count > maximumLoads) return lost(`more than ${maximumLoads} models are loaded here`);

  const texts = filesNamed(evaluator.modules, site.location.path, path);
  const [text] = texts;
  if (text === undefined) return lost(`no file '${path}' was found near this one`);
  if (texts.size > 1) return lost(`'${path}' may be one of ${texts.size} different files near this one`);
  const read = readModelInto(evaluator.topology, text, site.location);
  if (!read.ok) return lost(`'${path}' cannot be loaded. ${read.message.replace(/\.$/, '')}`);
  evaluator.topology.problems.push(...checkManifest(text, read.model, site.location));
  // Its name stands in the file, not in the program: what the program calls it comes first.
  Object.assign(read.model, { named: false });
  evaluator.recordCreation(read.model, site);
  return read.model;
}

/** What `tf.io.fileSystem(path)` gives: the address stands for the handler that loads from it. */
export function fileHandler(path: Value): Value {
  return typeof path === 'string' ? `file://${path}` : path;
}

/** The texts of all files that the path may mean, each once. */
function filesNamed(modules: Evaluation['modules'], from: string, path: string): Set<string> {
  const scheme = schemeOf(from);
  const folders = [directoryOf(from)];
  for (let level = 0; level < foldersAbove; level++) {
    const above = joinPath(folders.at(-1)!, '..');
    if (above === scheme || above === '') break; // the folder of everything is near nothing
    folders.push(`${above}/`);
  }
  const absolute = path.startsWith('/')
    ? joinPath(`${scheme}/`, path)
    : /^[a-z]:\//i.test(path)
      ? path
      : undefined;
  const near = absolute && folders.some((folder) => absolute.startsWith(folder));
  const candidates = near
    ? [absolute]
    : // A leading slash then is the root of a web site, which is often made of a folder `public`.
      folders.flatMap((folder) => [joinPath(folder, path), joinPath(folder, `public/${path}`)]);
  const texts = new Set<string>();
  for (const candidate of candidates) {
    const text = modules.readText(candidate);
    if (text !== undefined) texts.add(text);
  }
  return texts;
}

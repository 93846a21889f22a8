import * as vscode from 'vscode';
import type { ModelCommandArguments } from '../../protocol/languageServer';
import type { WireModelGraph } from '../../protocol/modelGraph';
import { type Commit, commitsOf } from '../comparison/git';
import { hasRevisions, keyOf, type ModelSource } from '../comparison/modelSource';
import { modelsInFile } from '../comparison/readModel';
import type { LayerwiseContext } from '../context';
import { UserFacingError } from '../errors';
import { programsOfWorkspace } from '../languageClient/workspaceFiles';
import { isModelFile } from '../modelFiles';
import { modelAtCursor, modelSummary, pickModel } from '../modelPick';
import { mostCompared } from '../panels/comparisonPanel';
import { isSourceLanguage, mentionsTensorFlow } from '../tensorflowEvidence';
import { baseName } from '../text';

/** Commits of the file that the list offers at once. */
const commitsInList = 8;
const commitsInPick = 100;
/** Files of the workspace that are looked into for the list. */
const filesLookedInto = 300;
const largestFile = 512 * 1024;

type Item = vscode.QuickPickItem & { choose?: () => Promise<ModelSource[]> };

/**
 * Compares models. Called with files of the Explorer, it compares those; with runs, their models; with a model (from a lens
 * or the diagram) or none, it asks with which others.
 */
export async function compareModels(
  context: LayerwiseContext,
  argument?: unknown,
  selected?: unknown,
): Promise<void> {
  const files = filesOf(argument, selected);
  const named = runSourcesOf(argument, selected) ?? (files && (await sourcesOfFiles(context, files)));
  if (named) {
    if (named.length === 0) return;
    if (named.length === 1) return addModels(context, named);
    return show(context, named);
  }
  const subject = await subjectOf(context, argument as ModelCommandArguments | undefined);
  return addModels(context, subject ? [subject] : []);
}

/** Asks for more models, and compares them with those given and, where there are none, with those in the panel. */
export async function addModels(context: LayerwiseContext, subjects?: ModelSource[]): Promise<void> {
  const present = subjects ?? context.comparisons.sources;
  const picked = await pickOthers(context, present, subjects === undefined);
  if (!picked) return;
  // What is in the panel already goes on being compared only when it was asked to get more.
  show(context, [...present, ...picked]);
}

/** Asks for an earlier state of a file, and compares it with the model as it is. */
export async function addRevision(context: LayerwiseContext, source: ModelSource): Promise<void> {
  const revision = await pickRevision(source);
  if (!revision) return;
  const { sources } = context.comparisons;
  const at = sources.findIndex((one) => keyOf(one) === keyOf(source));
  context.comparisons.compare([...sources.slice(0, at), revision, ...sources.slice(at)]);
}

function show(context: LayerwiseContext, sources: readonly ModelSource[]): void {
  const distinct = [...new Map(sources.map((source) => [keyOf(source), source])).values()];
  if (distinct.length > mostCompared) {
    throw new UserFacingError(
      `${distinct.length} models are too many to be read side by side. Choose up to ${mostCompared}.`,
      [],
      'information',
    );
  }
  // Earlier states of a file stand left of what became of it.
  const isEarlier = (source: ModelSource) => source.kind === 'revision';
  const earlier = distinct.filter(isEarlier).sort((a, b) => dateOf(a).localeCompare(dateOf(b)));
  context.comparisons.compare([...earlier, ...distinct.filter((source) => !isEarlier(source))]);
}

function dateOf(source: ModelSource): string {
  return source.kind === 'revision' ? (source.date ?? '') : '';
}

// --- what the command is called with ---

/** From the Explorer and the editor's title. */
function filesOf(argument: unknown, selected: unknown): vscode.Uri[] | undefined {
  const chosen = Array.isArray(selected) ? selected.filter((one) => one instanceof vscode.Uri) : [];
  if (chosen.length > 0) return chosen;
  return argument instanceof vscode.Uri ? [argument] : undefined;
}

/** From the view of the runs. */
function runSourcesOf(argument: unknown, selected: unknown): ModelSource[] | undefined {
  const nodes = (Array.isArray(selected) && selected.length > 0 ? selected : [argument]) as unknown[];
  const runs = nodes.flatMap((node): ModelSource[] => {
    if (typeof node !== 'object' || node === null || !('kind' in node) || node.kind !== 'run') return [];
    const { stored } = node as unknown as {
      stored: { folder: vscode.Uri; run: { model: string; name?: string; createdAt: string } };
    };
    const { folder, run } = stored;
    const label = run.name ?? new Date(run.createdAt).toLocaleString();
    return [{ kind: 'run', folder: folder.toString(), name: run.model, label }];
  });
  return runs.length > 0 ? runs : undefined;
}

/** Smaller models first: so one reads what the larger ones added. */
async function sourcesOfFiles(
  context: LayerwiseContext,
  files: readonly vscode.Uri[],
): Promise<ModelSource[]> {
  const found = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: 'Layerwise: reading models' },
    () =>
      Promise.all(
        files.map(async (uri) => {
          const graphs = await modelsInFile(context, uri);
          if (graphs.length > 0) return { uri, graphs };
          throw new UserFacingError(
            `No TensorFlow.js model was found in ${baseName(uri)}.`,
            [],
            'information',
          );
        }),
      ),
  );
  const models: { source: ModelSource; params: number }[] = [];
  for (const { uri, graphs } of found) {
    for (const graph of files.length > 1 ? await pickSeveral(uri, graphs) : [await pickOne(uri, graphs)]) {
      if (!graph) continue;
      const { params } = graph.totals;
      models.push({ source: fileSource(uri, graph), params: typeof params === 'number' ? params : 0 });
    }
  }
  return models.sort((a, b) => a.params - b.params).map(({ source }) => source);
}

function pickOne(uri: vscode.Uri, graphs: WireModelGraph[]): Promise<WireModelGraph | undefined> {
  return pickModel(uri, graphs, undefined, 'Compare which model?');
}

/** Of several models in one file, those that are meant. */
async function pickSeveral(uri: vscode.Uri, graphs: WireModelGraph[]): Promise<WireModelGraph[]> {
  if (graphs.length === 1) return graphs;
  const items = graphs.map((graph, index) => ({
    label: graph.name,
    description: modelSummary(graph),
    picked: index === 0,
    graph,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: `Compare which models of ${baseName(uri)}?`,
    canPickMany: true,
  });
  return picked?.map(({ graph }) => graph) ?? [];
}

function fileSource(uri: vscode.Uri, { id, name }: WireModelGraph): ModelSource {
  return isModelFile(uri)
    ? { kind: 'file', uri: uri.toString(), name }
    : { kind: 'file', uri: uri.toString(), modelId: id, name };
}

/** The model that people look at; undefined when they look at none. */
async function subjectOf(
  context: LayerwiseContext,
  args: ModelCommandArguments | undefined,
): Promise<ModelSource | undefined> {
  const active = vscode.window.activeTextEditor?.document;
  const uri = args?.uri
    ? vscode.Uri.parse(args.uri)
    : active && isSourceLanguage(active.languageId)
      ? active.uri
      : context.editor.document;
  if (!uri) return undefined;
  const graphs = await modelsInFile(context, uri);
  if (graphs.length === 0) return undefined;
  const graph = await pickModel(
    uri,
    graphs,
    args?.modelId ?? modelAtCursor(uri, graphs),
    'Compare which model?',
  );
  if (!graph) throw new vscode.CancellationError();
  return fileSource(uri, graph);
}

// --- asking for others ---

async function pickOthers(
  context: LayerwiseContext,
  present: readonly ModelSource[],
  isAddition: boolean,
): Promise<ModelSource[] | undefined> {
  const first = present[0];
  const items = vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: 'Layerwise: looking for models' },
    () => itemsFor(context, present),
  );
  const title = isAddition
    ? 'Add which models?'
    : first
      ? `Compare ${first.name} with which models?`
      : 'Compare which models?';
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: 'Tick one or several',
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked || picked.length === 0) return undefined;
  const chosen: ModelSource[] = [];
  for (const { choose } of picked) chosen.push(...((await choose?.()) ?? []));
  return chosen.length > 0 ? chosen : undefined;
}

async function itemsFor(context: LayerwiseContext, present: readonly ModelSource[]): Promise<Item[]> {
  const taken = new Set(present.map(keyOf));
  const section = (label: string, items: Item[]): Item[] =>
    items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
  const [open, revisions, files, runs] = await Promise.all([
    openModels(context, taken),
    revisionItems(present),
    fileItems(context, present),
    runItems(context, taken),
  ]);
  return [
    ...section('Models in open files', open),
    ...section('Earlier revisions', revisions),
    ...section('Files of the workspace', files),
    ...section('Runs', runs),
    ...section('Elsewhere', [
      {
        label: '$(folder-opened) Choose files…',
        description: 'programs, model.json, .onnx',
        choose: async () => {
          const uris = await vscode.window.showOpenDialog({
            title: 'Compare which models?',
            openLabel: 'Compare',
            canSelectMany: true,
            filters: {
              'Programs and models': [
                'ts',
                'tsx',
                'mts',
                'cts',
                'js',
                'jsx',
                'mjs',
                'cjs',
                'html',
                'json',
                'onnx',
              ],
            },
          });
          return uris ? sourcesOfFiles(context, uris) : [];
        },
      },
    ]),
  ];
}

async function openModels(context: LayerwiseContext, taken: ReadonlySet<string>): Promise<Item[]> {
  const documents = vscode.workspace.textDocuments.filter(
    ({ languageId, uri, isClosed }) =>
      !isClosed &&
      isSourceLanguage(languageId) &&
      (uri.scheme === 'file' || uri.scheme === 'untitled' || uri.scheme.startsWith('vscode-')),
  );
  const found = await Promise.all(
    documents.map(async ({ uri }) => ({ uri, graphs: (await context.models.get(uri)).graphs })),
  );
  return found.flatMap(({ uri, graphs }) =>
    graphs
      .map((graph) => ({ graph, source: fileSource(uri, graph) }))
      .filter(({ source }) => !taken.has(keyOf(source)))
      .map(({ graph, source }) => ({
        label: graph.name,
        description: baseName(uri),
        detail: modelSummary(graph),
        choose: async () => [source],
      })),
  );
}

async function revisionItems(present: readonly ModelSource[]): Promise<Item[]> {
  const source = present.find((one) => one.kind === 'file' && hasRevisions(one));
  if (source?.kind !== 'file') return [];
  const uri = vscode.Uri.parse(source.uri);
  const commits = await commitsOf(uri, commitsInList);
  const items = commits.map(
    (commit): Item => ({
      ...commitItem(commit),
      description: `${baseName(uri)} at ${commit.hash.slice(0, 7)}`,
      choose: async () => [revisionSource(source, commit)],
    }),
  );
  if (commits.length < commitsInList) return items;
  return [
    ...items,
    {
      label: '$(history) An earlier revision…',
      description: `of ${baseName(uri)}`,
      choose: async () => {
        const revision = await pickRevision(source);
        return revision ? [revision] : [];
      },
    },
  ];
}

function commitItem({ subject, author, date }: Commit): vscode.QuickPickItem {
  return {
    label: `$(git-commit) ${subject}`,
    detail: [author, date?.toLocaleString()].filter(Boolean).join(', '),
  };
}

function revisionSource(
  source: Extract<ModelSource, { uri: string }>,
  { hash, subject, date }: Commit,
): ModelSource {
  const { uri, modelId, name } = source;
  return {
    kind: 'revision',
    uri,
    ...(modelId === undefined ? {} : { modelId }),
    name,
    hash,
    subject,
    ...(date ? { date: date.toISOString() } : {}),
  };
}

async function pickRevision(source: ModelSource): Promise<ModelSource | undefined> {
  if (source.kind === 'run') return undefined;
  const uri = vscode.Uri.parse(source.uri);
  const commits = await commitsOf(uri, commitsInPick);
  if (commits.length === 0) {
    throw new UserFacingError(
      `VS Code's Git knows no commit of ${baseName(uri)}. It needs the setting git.enabled and a repository with the file in it.`,
      [],
      'information',
    );
  }
  const items = commits.map((commit) => ({
    ...commitItem(commit),
    description: commit.hash.slice(0, 7),
    commit,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: `Compare with ${baseName(uri)} at which commit?`,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked && revisionSource(source, picked.commit);
}

/** Programs of the workspace that mention TensorFlow.js, and saved models. */
async function fileItems(context: LayerwiseContext, present: readonly ModelSource[]): Promise<Item[]> {
  const open = new Set(vscode.workspace.textDocuments.map(({ uri }) => uri.toString()));
  const taken = new Set(present.flatMap((source) => (source.kind === 'file' ? [source.uri] : [])));
  const [programs, saved] = await Promise.all([
    programsOfWorkspace(),
    vscode.workspace.findFiles(
      '**/{*.onnx,model.json}',
      '**/{node_modules,dist,out,build,.git,.layerwise}/**',
      filesLookedInto,
    ),
  ]);
  const candidates = programs
    .filter((uri) => !open.has(uri.toString()) && !taken.has(uri.toString()))
    .sort((a, b) => a.path.localeCompare(b.path))
    .slice(0, filesLookedInto);
  const mentioned = await Promise.all(candidates.map(mentionsIt));
  const uris = [...candidates.filter((_, index) => mentioned[index]), ...saved];
  return uris
    .filter((uri) => !taken.has(uri.toString()))
    .map((uri) => ({
      label: `$(file) ${baseName(uri)}`,
      description: folderOf(uri),
      choose: () => sourcesOfFiles(context, [uri]),
    }));
}

/** Within the workspace; empty for its root. */
function folderOf(uri: vscode.Uri): string {
  const file = vscode.workspace.asRelativePath(uri);
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

async function mentionsIt(uri: vscode.Uri): Promise<boolean> {
  try {
    if ((await vscode.workspace.fs.stat(uri)).size > largestFile) return false;
    return mentionsTensorFlow(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
  } catch {
    return false;
  }
}

async function runItems(context: LayerwiseContext, taken: ReadonlySet<string>): Promise<Item[]> {
  const runs = (await context.listRuns?.()) ?? [];
  return runs
    .map(({ folder, model, label, detail }) => ({
      source: { kind: 'run', folder: folder.toString(), name: model, label } satisfies ModelSource,
      detail,
    }))
    .filter(({ source }) => !taken.has(keyOf(source)))
    .map(({ source, detail }) => ({
      label: `$(graph-line) ${source.name}`,
      description: source.label,
      detail,
      choose: async () => [source],
    }));
}

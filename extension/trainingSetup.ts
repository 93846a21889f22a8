import * as vscode from 'vscode';
import { symbolsOf } from '../model-graph/substituteSymbols';
import { unreadablePart } from '../model-graph/writers/unreadablePart';
import type { ModelCommandArguments } from '../protocol/languageServer';
import type { WireModelGraph } from '../protocol/modelGraph';
import type {
  DataMismatch,
  DataSource,
  DescribeDataResult,
  TrainingOptions,
  UserModule,
} from '../protocol/sidecar';
import { trainingOptions as optionsSchema } from '../protocol/sidecar';
import type { TrainingSetup } from '../protocol/webview';
import { dataName } from './dataName';
import { Disposable } from './disposable';
import { isCancellation, messageOf } from './errors';
import { modelSummary, modelsOf } from './modelPick';
import type { ComputeServices } from './services';
import { trainingOptions } from './settings';
import { baseName } from './text';
import { bundledDigits, trainingData } from './trainingData';

const optionsKey = 'layerwise.trainingOptions';
const dataKey = 'layerwise.trainingData';
const sizesKey = 'layerwise.trainingSizes';
const programKey = 'layerwise.trainingProgram';
/** How many models' last choices are kept. */
const mostRemembered = 50;

/** The form before a training: a model, the data, the options; with what was chosen for this model last. */
export class SetupForm extends Disposable {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private facts: TrainingSetup['data'];
  private description: vscode.CancellationTokenSource | undefined;
  options: TrainingOptions;
  /** Sizes that the source leaves open: what people gave, and what the data says where they did not. */
  private given: Record<string, number>;
  private suggested: Record<string, number> = {};
  /** The model of these sizes, once they decide it. */
  private sized: WireModelGraph | undefined;
  private builder: string | undefined;
  /** People let the program's own code build the model where the analysis does not hold all of it. */
  private runsProgram: boolean;

  private constructor(
    private readonly context: ComputeServices,
    readonly source: Required<ModelCommandArguments>,
    private graph: WireModelGraph,
    private chosenData: DataSource,
  ) {
    super();
    const remembered = this.remembered<TrainingOptions>(optionsKey);
    const parsed = optionsSchema.safeParse(remembered);
    this.options = parsed.success ? parsed.data : trainingOptions(this.document);
    this.given = this.remembered<Record<string, number>>(sizesKey) ?? {};
    this.runsProgram = this.remembered<boolean>(programKey) ?? false;
    this.facts = { state: 'reading', name: dataName(chosenData) };
    const refresh = context.reporter.background('Reading the model again', () => this.readModel());
    this.register(
      context.models.onDidChange((uri) => {
        if (uri.toString() === source.uri) refresh();
      }),
    );
  }

  /** @throws UserFacingError when the document has no such model. */
  static async of(context: ComputeServices, document: vscode.Uri, graph: WireModelGraph): Promise<SetupForm> {
    const source = { uri: document.toString(), modelId: graph.id };
    const remembered = rememberedOf<DataSource>(context, dataKey, keyOf(source, graph));
    // A folder that the settings name and that cannot be used is told in the form, where other data can be chosen.
    const data = remembered ?? (await trainingData(document, () => {}).catch(() => bundledDigits));
    return new SetupForm(context, source, graph, data);
  }

  get document(): vscode.Uri {
    return vscode.Uri.parse(this.source.uri);
  }

  /** As it will be trained: of the sizes that were given. */
  get model(): WireModelGraph {
    return this.sized ?? this.graph;
  }

  /** Nothing has to be asked before it can be trained. */
  get isDecided(): boolean {
    return symbolsOf(this.model).length === 0 && this.unreadable === undefined;
  }

  /** The program that builds the model, where that is needed and allowed. */
  get userModule(): UserModule | undefined {
    if (this.unreadable === undefined || !this.runsProgram) return undefined;
    const { graph, document, builder, sizes } = this;
    const open = symbolsOf(graph).filter((name) => sizes[name] !== undefined);
    return {
      file: document.fsPath,
      builder: builder ?? graph.name,
      parameters: Object.fromEntries(open.map((name) => [name, sizes[name]])),
    };
  }

  /** What of the model only the program's own code knows; undefined while sizes are missing, and where it cannot run. */
  private get unreadable(): string | undefined {
    const { document, model, sizes } = this;
    if (document.scheme !== 'file' || !/\.[cm]?[jt]sx?$/i.test(document.path)) return undefined;
    const open = symbolsOf(model);
    if (open.length === 0) return unreadablePart(model);
    return open.every((name) => sizes[name] !== undefined)
      ? 'which model it makes with these sizes is not known'
      : undefined;
  }

  get data(): DataSource {
    return this.chosenData;
  }

  /** As the panel shows it. */
  get setup(): TrainingSetup {
    const { model: graph, options, facts, unreadable } = this;
    const optimizer = graph.compile?.optimizer;
    const learningRate = optimizer?.config['learningRate'];
    const { params, trainableParams, activationBytes } = graph.totals;
    const isKnown =
      typeof params === 'number' &&
      typeof trainableParams === 'number' &&
      typeof activationBytes === 'number';
    return {
      id: keyOf(this.source, graph),
      modelName: graph.name,
      modelSummary: modelSummary(graph),
      ...(isKnown ? { sizes: { params, trainableParams, activationBytes } } : {}),
      openSizes: symbolsOf(this.graph).map((name) => ({ name, value: this.sizes[name] ?? null })),
      ...(unreadable === undefined
        ? {}
        : { program: { reason: unreadable, what: this.programName, runs: this.runsProgram } }),
      options,
      compiled: {
        ...(optimizer ? { optimizer: optimizer.className } : {}),
        ...(typeof learningRate === 'number' ? { learningRate } : {}),
        ...(typeof graph.compile?.loss === 'string' ? { loss: graph.compile.loss } : {}),
      },
      data: facts,
    };
  }

  private get programName(): string {
    const { builder, graph, document } = this;
    return `${builder ?? graph.name} of ${baseName(document)}`;
  }

  private get sizes(): Record<string, number> {
    return { ...this.suggested, ...this.given };
  }

  /** Reads the data and tells how it goes with the model. How it went is in `setup`. */
  async describe(): Promise<void> {
    this.description?.cancel();
    const description = new vscode.CancellationTokenSource();
    this.description = description;
    const name = dataName(this.chosenData);
    if (this.facts.state !== 'known') this.show({ state: 'reading', name });
    try {
      const facts = await this.readFacts(description.token);
      if (this.description === description && facts) this.show({ state: 'known', name, facts });
    } catch (error) {
      if (this.description !== description || isCancellation(error)) return;
      this.show({ state: 'failed', name, message: messageOf(error) });
    }
  }

  /** Undefined once they are asked for anew. Sizes that only the data knows are read off it first. */
  private async readFacts(token: vscode.CancellationToken): Promise<DescribeDataResult | undefined> {
    const { chosenData: data, options, graph, source } = this;
    const ask = (model: WireModelGraph) =>
      this.context.compute.request(
        'describeData',
        { data, model, validationSplit: options.validationSplit },
        token,
      );
    const facts = await ask(graph);
    const open = facts.model?.symbols ?? [];
    if (token.isCancellationRequested) return undefined;
    this.suggested = Object.fromEntries(
      open.flatMap(({ name, suggestion }) => (suggestion === undefined ? [] : [[name, suggestion]])),
    );
    const { sizes } = this;
    const isGiven = open.every(({ name }) => sizes[name] !== undefined);
    const { graph: sized, builder } = isGiven
      ? await this.context.server.sizedModel(this.document, {
          modelId: source.modelId,
          sizes: Object.fromEntries(open.map(({ name }) => [name, sizes[name]!])),
        })
      : { graph: null };
    if (token.isCancellationRequested) return undefined;
    this.builder = builder;
    this.sized = (open.length > 0 && sized) || undefined;
    return this.sized ? withNamesOf(graph, await ask(this.sized)) : facts;
  }

  async changeSizes(sizes: Record<string, number>): Promise<void> {
    if (Object.entries(sizes).every(([name, value]) => this.given[name] === value)) return;
    this.given = { ...this.given, ...sizes };
    await this.remember(sizesKey, this.given);
    await this.describe();
  }

  async allowProgram(runs: boolean): Promise<void> {
    this.runsProgram = runs;
    this.changed.fire();
    await this.remember(programKey, runs);
  }

  async changeData(data: DataSource): Promise<void> {
    this.chosenData = data;
    this.facts = { state: 'reading', name: dataName(data) };
    await this.remember(dataKey, data);
    await this.describe();
  }

  async changeOptions(options: TrainingOptions): Promise<void> {
    const splitChanged = options.validationSplit !== this.options.validationSplit;
    this.options = options;
    await this.remember(optionsKey, options);
    if (splitChanged) await this.describe();
  }

  private show(facts: TrainingSetup['data']): void {
    this.facts = facts;
    if (!this.isDisposed) this.changed.fire();
  }

  /** The source was edited: perhaps to make the model go with the data. */
  private async readModel(): Promise<void> {
    const graphs = await modelsOf(this.context, this.document);
    const graph =
      graphs.find(({ id }) => id === this.source.modelId) ??
      graphs.find(({ name }) => name === this.graph.name);
    if (!graph || this.isDisposed) return;
    this.graph = graph;
    this.source.modelId = graph.id;
    this.sized = undefined;
    this.changed.fire();
    await this.describe();
  }

  private remembered<T>(key: string): T | undefined {
    return rememberedOf<T>(this.context, key, keyOf(this.source, this.graph));
  }

  private async remember(key: string, value: unknown): Promise<void> {
    const memory = this.context.extension.workspaceState;
    const own = keyOf(this.source, this.graph);
    const others = Object.entries(memory.get<Record<string, unknown>>(key, {})).filter(
      ([name]) => name !== own,
    );
    await memory.update(key, Object.fromEntries([[own, value], ...others].slice(0, mostRemembered)));
  }

  override dispose(): void {
    this.description?.cancel();
    super.dispose();
  }
}

/** What the source has a name for is no number that could be changed there: the form asks for it. */
function withNamesOf(graph: WireModelGraph, facts: DescribeDataResult): DescribeDataResult {
  if (!facts.model) return facts;
  const named = (mismatch: DataMismatch): DataMismatch => {
    const { fix } = mismatch;
    if (fix.kind !== 'source') return mismatch;
    const config = graph.layers.find(({ name }) => name === fix.layer)?.config;
    const written = [config?.[fix.property]].flat().find((value) => typeof value === 'string');
    if (written === undefined) return mismatch;
    return {
      ...mismatch,
      fix: {
        kind: 'none',
        next: `Its ${fix.property} in the source is \`${written}\`: that has to come to ${fix.to}.`,
      },
    };
  };
  return { ...facts, model: { ...facts.model, mismatches: facts.model.mismatches.map(named) } };
}

function rememberedOf<T>({ extension }: ComputeServices, key: string, own: string): T | undefined {
  return extension.workspaceState.get<Record<string, T>>(key, {})[own];
}

/** A model keeps its choices while code around it is edited, hence its name. */
function keyOf({ uri }: { uri: string }, { name }: WireModelGraph): string {
  return `${uri}#${name}`;
}

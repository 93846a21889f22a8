import * as vscode from 'vscode';
import type { ModelCommandArguments } from '../protocol/languageServer';
import type { WireModelGraph } from '../protocol/modelGraph';
import type { DataSource, TrainingOptions } from '../protocol/sidecar';
import { trainingOptions as optionsSchema } from '../protocol/sidecar';
import type { TrainingSetup } from '../protocol/webview';
import { dataName } from './dataName';
import { Disposable } from './disposable';
import { isCancellation, messageOf } from './errors';
import { modelSummary, modelsOf } from './modelPick';
import type { ComputeServices } from './services';
import { trainingOptions } from './settings';
import { bundledDigits, trainingData } from './trainingData';

const optionsKey = 'layerwise.trainingOptions';
const dataKey = 'layerwise.trainingData';
/** How many models' last choices are kept. */
const mostRemembered = 50;

/** The form before a training: a model, the data, the options; with what was chosen for this model last. */
export class SetupForm extends Disposable {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private facts: TrainingSetup['data'];
  private description: vscode.CancellationTokenSource | undefined;
  options: TrainingOptions;

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

  get model(): WireModelGraph {
    return this.graph;
  }

  get data(): DataSource {
    return this.chosenData;
  }

  /** As the panel shows it. */
  get setup(): TrainingSetup {
    const { graph, options, facts } = this;
    const optimizer = graph.compile?.optimizer;
    const learningRate = optimizer?.config['learningRate'];
    const { params, trainableParams, activationBytes } = graph.totals;
    const isKnown =
      typeof params === 'number' &&
      typeof trainableParams === 'number' &&
      typeof activationBytes === 'number';
    return {
      modelName: graph.name,
      modelSummary: modelSummary(graph),
      ...(isKnown ? { sizes: { params, trainableParams, activationBytes } } : {}),
      options,
      compiled: {
        ...(optimizer ? { optimizer: optimizer.className } : {}),
        ...(typeof learningRate === 'number' ? { learningRate } : {}),
        ...(typeof graph.compile?.loss === 'string' ? { loss: graph.compile.loss } : {}),
      },
      data: facts,
    };
  }

  /** Reads the data and tells how it goes with the model. How it went is in `setup`. */
  async describe(): Promise<void> {
    this.description?.cancel();
    const description = new vscode.CancellationTokenSource();
    this.description = description;
    const name = dataName(this.chosenData);
    const { graph, chosenData: data, options } = this;
    if (this.facts.state !== 'known') this.show({ state: 'reading', name });
    try {
      const facts = await this.context.compute.request(
        'describeData',
        { data, model: graph, validationSplit: options.validationSplit },
        description.token,
      );
      if (this.description === description) this.show({ state: 'known', name, facts });
    } catch (error) {
      if (this.description !== description || isCancellation(error)) return;
      this.show({ state: 'failed', name, message: messageOf(error) });
    }
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

function rememberedOf<T>({ extension }: ComputeServices, key: string, own: string): T | undefined {
  return extension.workspaceState.get<Record<string, T>>(key, {})[own];
}

/** A model keeps its choices while code around it is edited, hence its name. */
function keyOf({ uri }: { uri: string }, { name }: WireModelGraph): string {
  return `${uri}#${name}`;
}

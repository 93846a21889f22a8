/** One picture through one model: the classes, and on request a summary of what every layer put out. */
import type {
  Classification,
  ClassifyParams,
  InitializeResult,
  LayerActivationSummary,
} from '../../protocol/sidecar';
import { encodePicture, withChoice } from '../images/encode';
import { checkMemory, type MemoryNeed, memoryNeed } from './memory';
import { guessedOf, type LayerOutput, type Network } from './network';
import { openNetwork } from './openNetwork';
import { outputOf } from './outputOf';
import { rankClasses } from './rankClasses';
import { readSource } from './readSource';
import { mapsThatMayBeKept, openSession } from './sessions';
import { summarize } from './statistics';

/** @throws SidecarError for what is no picture or no model, what cannot fit in memory, or when the outputs are not numbers. */
export async function classify(params: ClassifyParams, backend: InitializeResult): Promise<Classification> {
  // Held, since a newer classification may push it out of the cache meanwhile.
  const network = (await openNetwork(params.modelPath, params.untrained)).hold();
  try {
    const need = memoryNeed(network);
    checkMemory(need, network, backend);
    const encoding = withChoice(network.encoding, params.encoding);
    const { pixels, preprocessing } = await readSource(params.picture, encoding);
    const { output, summaries, layers } = params.details
      ? await runAndSummarize(network, encodePicture(pixels, encoding), need)
      : { output: await outputOf(network, pixels, encoding), summaries: [], layers: new Map() };
    const { classes, probabilities, labelOf, from, note } = await rankClasses(network, output, params);
    const assumptions = params.encoding?.scale === undefined ? network.assumptions : '';
    return {
      session: openSession({
        network,
        encoding,
        pixels,
        get values() {
          return encodePicture(pixels, encoding);
        },
        output,
        get scores() {
          return { labels: probabilities.map((_, index) => labelOf(index)), probabilities };
        },
        layers,
      }),
      model: network.name,
      format: network.format,
      backend: network.runtime ?? backend.description,
      input: {
        width: pixels.width,
        height: pixels.height,
        channels: pixels.channels,
        pixels: params.details ? Buffer.from(pixels.data).toString('base64') : '',
        preprocessing: assumptions ? `${preprocessing} (${assumptions})` : preprocessing,
        encoding,
        assumptions,
        guessed: guessedOf(network, params.encoding),
      },
      labels: from,
      classCount: output.length,
      classes,
      outputNote: note,
      memory: need,
      layers: summaries,
    };
  } finally {
    network.release();
  }
}

interface Run {
  output: Float32Array;
  summaries: LayerActivationSummary[];
  /** Those whose outputs may be kept. */
  layers: Map<string, LayerOutput>;
}

/** Layers in groups that fit the budget for maps, so that a large network is never held as a whole. */
async function runAndSummarize(
  network: Network,
  values: Float32Array,
  { activations }: MemoryNeed,
): Promise<Run> {
  const budget = mapsThatMayBeKept();
  if (activations <= budget) {
    const { output, layers } = await network.run(values, 1, 'all');
    return {
      output,
      summaries: layers.map(summarize),
      layers: new Map(layers.map((layer) => [layer.name, layer])),
    };
  }
  const summaries: LayerActivationSummary[] = [];
  let output = new Float32Array(0);
  for (const group of groupsWithin(network, budget)) {
    const run = await network.run(values, 1, group);
    output = Float32Array.from(run.output);
    summaries.push(...run.layers.map(summarize));
  }
  return { output, summaries, layers: new Map() };
}

function groupsWithin(network: Network, budget: number): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const { name, shape } of network.layers) {
    const bytes = 4 * shape.reduce((product, size) => product * size, 1);
    if (bytes > room || groups.length === 0) {
      groups.push([]);
      room = budget;
    }
    groups.at(-1)?.push(name);
    room -= bytes;
  }
  return groups;
}

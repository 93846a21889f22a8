/** One picture through one model: the classes, and on request a summary of what every layer put out. */
import type {
  Classification,
  ClassifyParams,
  InitializeResult,
  LayerActivationSummary,
} from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { readPicture } from '../images/decode';
import { encodePicture, withChoice } from '../images/encode';
import { classLabels } from './labels';
import { checkMemory, type MemoryNeed, memoryNeed } from './memory';
import type { LayerOutput, Network } from './network';
import { openNetwork } from './openNetwork';
import { mapsThatMayBeKept, openSession } from './sessions';
import { summarize } from './statistics';

/** @throws SidecarError for what is no picture or no model, what cannot fit in memory, or when the outputs are not numbers. */
export async function classify(params: ClassifyParams, backend: InitializeResult): Promise<Classification> {
  // Held, since a newer classification may push it out of the cache meanwhile.
  const network = (await openNetwork(params.modelPath)).hold();
  try {
    const need = memoryNeed(network);
    checkMemory(need, network, backend);
    const encoding = withChoice(network.encoding, params.encoding);
    const { pixels, preprocessing } = await readPicture(params.picture, encoding);
    const values = encodePicture(pixels, encoding);
    const { output, summaries, layers } = params.details
      ? await runAndSummarize(network, values, need)
      : await runAlone(network, values);
    const { probabilities, note } = toProbabilities(output, network.lastActivation, network.name);
    const { names, from } = await classLabels(params.labelsPath, network.classNames, output.length);
    const labels = probabilities.map((_, index) => names[index] ?? `class ${index}`);
    const classes = probabilities
      .map((probability, index) => ({ label: labels[index]!, index, probability }))
      .sort((a, b) => b.probability - a.probability || a.index - b.index)
      .slice(0, params.top);
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
        scores: { labels, probabilities },
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

async function runAlone(network: Network, values: Float32Array): Promise<Run> {
  const { output } = await network.run(values, 1, 'none');
  return { output, summaries: [], layers: new Map() };
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
  for (const { name, shape } of network.layers()) {
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

/** Outputs of a softmax or sigmoid are probabilities as they are; other scores go through a softmax, and that is said. */
function toProbabilities(
  output: Float32Array,
  activation: string,
  modelName: string,
): { probabilities: number[]; note?: string } {
  const scores = Array.from(output);
  if (!scores.every(Number.isFinite)) {
    throw new SidecarError(
      `The model \`${modelName}\` puts out NaN or infinite values: its weights are broken.`,
      { next: 'Train it again with a lower learning rate.' },
    );
  }
  const sum = scores.reduce((total, score) => total + score, 0);
  const within = scores.every((score) => score >= 0 && score <= 1 + 1e-5);
  if (activation === 'softmax' || activation === 'sigmoid' || (within && Math.abs(sum - 1) < 1e-3)) {
    return { probabilities: scores };
  }
  const largest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const exponentials = scores.map((score) => Math.exp(score - largest));
  const total = exponentials.reduce((subtotal, value) => subtotal + value, 0);
  return {
    probabilities: exponentials.map((value) => value / total),
    note: 'The model has no softmax at its end; one was applied to its outputs.',
  };
}

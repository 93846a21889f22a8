/** ModelGraph → a tfjs model; no line of the user's program runs unless that is asked for. */
import * as tf from '@tensorflow/tfjs';
import { writeTfjsTopology } from '../../model-graph/writers/tfjsTopology';
import type { WireModelGraph } from '../../protocol/modelGraph';
import type { UserModule } from '../../protocol/sidecar';
import { disposeModel } from '../disposeModel';
import { messageOf, SidecarError } from '../errors';
import { loadCheckpoint } from '../runs/checkpoint';
import { checkTopology } from '../runs/checkTopology';
import { buildUserModel } from '../userModule/buildUserModel';

/**
 * @param userModule Given, the program itself builds the model; what the graph says is not asked.
 * @param weights A model.json of the same layers, whose weights it takes. Absent: new ones.
 * @throws SidecarError naming the layer that cannot be built and why, or when the weights are of another model.
 */
export async function buildModel(
  graph: WireModelGraph,
  { userModule, weights }: { userModule?: UserModule | undefined; weights?: string | undefined } = {},
): Promise<tf.LayersModel> {
  const model = await (userModule ? buildUserModel(userModule) : buildFromGraph(graph));
  if (weights === undefined) return model;
  try {
    await takeWeights(model, weights);
    return model;
  } catch (error) {
    disposeModel(model);
    throw error;
  }
}

async function takeWeights(model: tf.LayersModel, modelJson: string): Promise<void> {
  const saved = await loadCheckpoint(modelJson);
  try {
    const shapes = ({ weights }: tf.LayersModel) => JSON.stringify(weights.map(({ shape }) => shape));
    if (shapes(saved) !== shapes(model)) {
      throw new SidecarError('The weights to begin with are of another model: their shapes differ.', {
        where: modelJson,
        next: 'Begin with new weights.',
      });
    }
    model.setWeights(saved.getWeights());
  } finally {
    disposeModel(saved);
  }
}

async function buildFromGraph(graph: WireModelGraph): Promise<tf.LayersModel> {
  const written = writeTfjsTopology(graph);
  if (!written.ok) {
    const [first] = written.problems;
    const more = written.problems.length - 1;
    throw new SidecarError(
      `The model \`${graph.name}\` cannot be built from its source: ${first?.layer ? `in layer \`${first.layer}\`, ` : ''}${first?.message}${more > 0 ? ` (and ${more} more)` : ''}.`.replace(
        '..',
        '.',
      ),
      { next: 'Give every size as a number that can be followed, or train the model in your own program.' },
    );
  }
  checkTopology(written.topology as unknown as Record<string, unknown>, `model \`${graph.name}\``);
  let model: tf.LayersModel;
  try {
    model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: written.topology }));
  } catch (error) {
    throw new SidecarError(
      `TensorFlow.js does not accept the model \`${graph.name}\`: ${messageOf(error).split('\n')[0]}`,
      {
        next: 'Layerwise marks such errors in the source; correct them there first.',
        cause: error,
      },
    );
  }
  freezeNestedModels(model, graph);
  return model;
}

/** A model's own `trainable = false` has no place in its topology. */
function freezeNestedModels(model: tf.LayersModel, graph: WireModelGraph): void {
  for (const node of graph.layers) {
    if (!node.nested) continue;
    const layer = model.getLayer(node.name);
    if (!node.trainable) layer.trainable = false;
    if (layer instanceof tf.LayersModel) freezeNestedModels(layer, node.nested);
  }
}

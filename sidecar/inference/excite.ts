/**
 * The input that excites a channel most, found by gradient ascent from grey noise (Erhan et al., 2009, "Visualizing
 * Higher-Layer Features of a Deep Network").
 */
import * as tf from '@tensorflow/tfjs';
import type { ExciteParams, ExciteResult } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { decodePicture, encodePicture } from '../images/encode';
import { mulberry32 } from '../training/seededRandom';
import { breathe, type LongWork } from './longWork';
import { ClassScores, gradientError, requireGradients } from './scores';
import { sessionOf } from './sessions';

/** Of the whole range of pixel values, how far a step moves a typical pixel. */
const stepSize = 0.02;

export async function excite(params: ExciteParams, work: LongWork): Promise<ExciteResult> {
  const { network: any, encoding, pixels } = sessionOf(params.session);
  const network = requireGradients(any, 'Finding the most exciting input');
  const { plan } = network;
  const layer = plan.find(params.layer);
  if (!layer) throw new SidecarError(`The model \`${network.name}\` has no layer \`${params.layer}\`.`);
  const scores = new ClassScores(network);
  const size = pixels.width * pixels.height * pixels.channels;
  const filled = (value: number) =>
    encodePicture({ ...pixels, data: new Uint8Array(size).fill(value) }, encoding);
  const [black, white] = [filled(0), filled(255)];
  const random = mulberry32(params.seed);
  const start = encodePicture(
    { ...pixels, data: Uint8Array.from({ length: size }, () => 118 + Math.floor(random() * 20)) },
    encoding,
  );
  const shape = network.inputShape(1);
  const bounds = [tf.tensor(black, shape), tf.tensor(white, shape)] as const;
  let picture = tf.tensor(start, shape);
  const history: number[] = [];
  // The last layer's classes are pushed by their scores; behind a softmax they would push the others down instead.
  const axis = network.layoutOf(layer.name) === 'channelsFirst' ? 1 : -1;
  const isOutput = layer.value === network.outputValue;
  const excitement = (x: tf.Tensor): tf.Scalar => {
    const given = new Map([[plan.input, x]]);
    const output = isOutput ? scores.from(given) : plan.execute(given, [layer.value], true).get(layer.value)!;
    const channels = output.shape.at(axis) ?? 1;
    if (params.channel >= channels) {
      throw new SidecarError(`There is no channel ${params.channel}: \`${layer.name}\` has ${channels}.`);
    }
    const cells = axis === 1 ? output : output.reshape([-1, channels]);
    return cells.slice([0, params.channel], [-1, 1]).mean();
  };
  network.hold();
  try {
    for (let step = 0; step <= params.steps; step++) {
      await breathe(work, step / (params.steps + 1), `Step ${step} of ${params.steps}`);
      const [score, next] = tf.tidy(() => {
        const { value, grad } = tf.valueAndGrad(excitement)(picture);
        const typical = grad.square().mean().sqrt().add(1e-12);
        const move = grad.div(typical).mul(bounds[1].sub(bounds[0]).mul(stepSize).abs());
        const low = tf.minimum(bounds[0], bounds[1]);
        const high = tf.maximum(bounds[0], bounds[1]);
        return [value, tf.minimum(tf.maximum(picture.add(move), low), high)];
      }) as [tf.Tensor, tf.Tensor];
      history.push((await score.data())[0] ?? Number.NaN);
      score.dispose();
      if (step === params.steps) {
        next.dispose();
        break;
      }
      picture.dispose();
      picture = next;
    }
    const found = decodePicture(Float32Array.from(await picture.data()), pixels, encoding);
    return {
      width: found.width,
      height: found.height,
      channels: found.channels,
      pixels: Buffer.from(found.data).toString('base64'),
      scores: history,
      note: `Gradient ascent on the mean of channel ${params.channel} of ${layer.name}: ${params.steps} steps from grey noise, seed ${params.seed}.`,
    };
  } catch (error) {
    if (error instanceof SidecarError) throw error;
    throw gradientError(error);
  } finally {
    tf.dispose([picture, ...bounds]);
    network.release();
  }
}

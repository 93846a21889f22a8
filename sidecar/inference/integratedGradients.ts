/**
 * Integrated gradients (Sundararajan, Taly and Yan, 2017, https://arxiv.org/abs/1703.01365): every pixel's share of the
 * difference between the class's score for this picture and for a black one.
 */
import * as tf from '@tensorflow/tfjs';
import type { AttributionParams } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { encodePicture } from '../images/encode';
import type { AttributionMap } from './gradCam';
import { breathe, type LongWork } from './longWork';
import { ClassScores, gradientError, requireGradients } from './scores';
import type { Session } from './sessions';

const defaultSteps = 32;
/** Pictures in a batch: more would only hold memory. */
const batchSize = 8;

export async function integratedGradients(
  session: Session,
  { classIndex, steps = defaultSteps }: AttributionParams,
  work: LongWork,
): Promise<AttributionMap> {
  const network = requireGradients(session.network, 'Integrated gradients');
  const scores = new ClassScores(network);
  const { plan } = network;
  const { width, height, channels } = session.pixels;
  const black = encodePicture(
    { ...session.pixels, data: new Uint8Array(session.pixels.data.length) },
    session.encoding,
  );
  const from = tf.tensor(black, network.inputShape(1));
  const to = tf.tensor(session.values, network.inputShape(1));
  const scoreOf = (x: tf.Tensor) => scores.ofClass(new Map([[plan.input, x]]), classIndex);
  let total = tf.zerosLike(to);
  try {
    for (let done = 0; done < steps; done += batchSize) {
      await breathe(work, done / steps, `Integrated gradients: step ${done} of ${steps}`);
      const count = Math.min(batchSize, steps - done);
      const next = tf.tidy(() => {
        // Midpoints: the rule whose error falls with the square of the number of steps.
        const shares = Array.from({ length: count }, (_, i) => (done + i + 0.5) / steps);
        const share = tf.tensor(shares, [count, ...to.shape.slice(1).map(() => 1)]);
        const between = from.add(to.sub(from).mul(share));
        return total.add(
          tf
            .grad((x: tf.Tensor) => scoreOf(x).sum())(between)
            .sum(0, true),
        );
      });
      total.dispose();
      total = next;
    }
    const [contributions, ends] = tf.tidy(() => [
      total.div(steps).mul(to.sub(from)),
      tf.concat([scoreOf(to), scoreOf(from)]),
    ]) as [tf.Tensor, tf.Tensor];
    const values = await contributions.data();
    const [score = Number.NaN, scoreOfBlack = Number.NaN] = await ends.data();
    tf.dispose([contributions, ends]);
    const perPixel = new Float32Array(width * height);
    let sum = 0;
    for (const [i, value] of values.entries()) {
      perPixel[Math.floor(i / channels)]! += value;
      sum += value;
    }
    return {
      height,
      width,
      values: perPixel,
      score,
      note: `Integrated gradients in ${steps} steps from black. The contributions add up to ${short(sum)}; the scores${scores.isBare ? ' before the softmax' : ''} differ by ${short(score - scoreOfBlack)}.`,
      completeness: { sum, difference: score - scoreOfBlack },
    };
  } catch (error) {
    if (error instanceof SidecarError) throw error;
    throw gradientError(error);
  } finally {
    tf.dispose([from, to, total]);
  }
}

function short(value: number): string {
  return value.toPrecision(4).replace('-', '−');
}

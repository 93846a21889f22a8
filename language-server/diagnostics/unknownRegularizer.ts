/**
 * # unknown-regularizer
 *
 * Error. By name tfjs knows only `'l1l2'`; `l1` and `l2` are made with `tf.regularizers`. tfjs throws as the layer is created.
 *
 * Quick fix: makes the regularizer with `tf.regularizers`.
 *
 * ## Wrong
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 2, kernelRegularizer: 'l2' });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 2, kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }) });
 * ```
 */
import { regularizerNames } from '../../model-graph/layers/config';
import type { DiagnosticKind } from './diagnostic';
import { didYouMean, optionNames } from './didYouMean';
import { namespaceOf, optionOf, replaceNode, stringsIn } from './edits';

export const unknownRegularizer: DiagnosticKind = {
  code: 'unknown-regularizer',
  fixes({ call }) {
    const options = optionNames(call, /regularizer$/i);
    const root = /^(.*)\.layers$/.exec(namespaceOf(call) ?? '')?.[1];
    const made = options
      .flatMap((option) => stringsIn(optionOf(call, option)))
      .filter(({ text }) => root && /^l[12]$/i.test(text))
      .map((literal) => {
        const name = literal.text.toLowerCase();
        const value = `${root}.regularizers.${name}({ ${name}: 0.01 })`;
        return { title: `Change to ${value}`, edits: [replaceNode(literal, value)] };
      });
    return [...made, ...didYouMean(call, options, Object.keys(regularizerNames))];
  },
};

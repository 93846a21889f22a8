/**
 * # duplicate-layer-name
 *
 * Error. A model finds its layers, and their weights in a file, by their names, so each must have its own. tfjs throws as the
 * model is created.
 *
 * Quick fix: renames the second layer.
 *
 * ## Wrong
 *
 * ```ts
 * const x = tf.input({ shape: [4] });
 * const hidden = tf.layers.dense({ units: 3, name: 'head' }).apply(x);
 * const output = tf.layers.dense({ units: 2, name: 'head' }).apply(hidden);
 * const model = tf.model({ inputs: x, outputs: output });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const x = tf.input({ shape: [4] });
 * const hidden = tf.layers.dense({ units: 3, name: 'hidden' }).apply(x);
 * const output = tf.layers.dense({ units: 2, name: 'head' }).apply(hidden);
 * const model = tf.model({ inputs: x, outputs: output });
 * ```
 */
import ts from 'typescript';
import type { DiagnosticKind } from './diagnostic';
import { optionOf, replaceString } from './edits';

export const duplicateLayerName: DiagnosticKind = {
  code: 'duplicate-layer-name',
  fixes({ call, analysis }) {
    const name = optionOf(call, 'name');
    if (!name || !ts.isStringLiteralLike(name)) return [];
    const taken = new Set(analysis.sites.flatMap((site) => site.layers.map((layer) => layer.name)));
    let number = 2;
    while (taken.has(`${name.text}_${number}`)) number++;
    const free = `${name.text}_${number}`;
    return [{ title: `Rename to '${free}'`, edits: [replaceString(name, free)] }];
  },
};

/**
 * # invalid-name
 *
 * Error. A layer's name becomes part of its tensors' names: it starts with a letter or a digit and holds only letters, digits,
 * `-`, `.`, `_` and `/`. tfjs throws as the layer is applied.
 *
 * Quick fix: replaces what may not stand in a name.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [4], units: 3, name: 'my layer' }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [4], units: 3, name: 'my_layer' }));
 * ```
 */
import ts from 'typescript';
import type { DiagnosticKind } from './diagnostic';
import { optionOf, replaceString } from './edits';

export const invalidName: DiagnosticKind = {
  code: 'invalid-name',
  fixes({ call }) {
    const name = optionOf(call, 'name');
    if (!name || !ts.isStringLiteralLike(name)) return [];
    const valid = name.text.replace(/[^-A-Za-z0-9._/]+/g, '_').replace(/^[^A-Za-z0-9]+/, '');
    return valid === '' ? [] : [{ title: `Rename to '${valid}'`, edits: [replaceString(name, valid)] }];
  },
};

/**
 * # shape-comment-mismatch
 *
 * Warning. A `@shape` comment says another shape than the one that the analysis works out. Such a comment stands before a
 * declaration, a parameter or an expression, or behind it at the end of the line; the first size is the batch. Where the
 * analysis cannot follow the code, it takes the comment's shape for granted.
 *
 * ## Wrong
 *
 * ```ts
 * const x = tf.input({ shape: [28, 28, 1] });
 * // @shape [null, 28, 28, 8]
 * const y = tf.layers.conv2d({ filters: 8, kernelSize: 5 }).apply(x);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const x = tf.input({ shape: [28, 28, 1] });
 * // @shape [null, 24, 24, 8]
 * const y = tf.layers.conv2d({ filters: 8, kernelSize: 5 }).apply(x);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const shapeCommentMismatch: DiagnosticKind = { code: 'shape-comment-mismatch' };

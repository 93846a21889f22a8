import type * as vscode from 'vscode';
import { z } from 'zod';
import { classification } from '../../protocol/sidecar';

/** An image, the model that classifies it, and what came out. */
export const classifyRecord = z.object({
  imagePath: z.string(),
  modelPath: z.string(),
  result: classification.optional(),
  failure: z.string().optional(),
});
export type ClassifyRecord = z.infer<typeof classifyRecord>;

const recordKey = 'layerwise.classify.last';
/** The picture as the network sees it is part of a result; a larger one than this is not kept across a reload. */
const maximumCharacters = 1_000_000;
const tooLarge = 'The window was reloaded, and the result was too large to keep. Choose the image again.';

/** What the panel showed last in this workspace. */
export function lastClassification(memory: vscode.Memento): ClassifyRecord | undefined {
  const parsed = classifyRecord.safeParse(memory.get(recordKey));
  if (!parsed.success) return undefined;
  const { result, failure } = parsed.data;
  // Nothing is started just because a window opens, so what was under way then is over.
  const interrupted = 'The window was reloaded before the image was classified. Choose the image again.';
  return result || failure !== undefined ? parsed.data : { ...parsed.data, failure: interrupted };
}

export async function rememberClassification(memory: vscode.Memento, record: ClassifyRecord): Promise<void> {
  const small = JSON.stringify(record).length <= maximumCharacters;
  await memory.update(recordKey, small ? record : { ...record, result: undefined, failure: tooLarge });
}

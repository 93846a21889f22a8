/** What people chose for a model: how pictures become its input, and what its classes are called. Kept per workspace. */
import type * as vscode from 'vscode';
import { z } from 'zod';
import { encodingChoice } from '../../protocol/sidecar';

const modelChoice = z.object({ encoding: encodingChoice.optional(), labelsPath: z.string().optional() });
export type ModelChoice = z.infer<typeof modelChoice>;

const memoryKey = 'layerwise.classify.choices';
/** Those that were changed longest ago are forgotten. */
const modelsKept = 50;
const entries = z.array(z.tuple([z.string(), modelChoice]));

export class ModelChoices {
  constructor(private readonly memory: vscode.Memento) {}

  of(modelPath: string): ModelChoice {
    return new Map(this.all()).get(modelPath) ?? {};
  }

  async set(modelPath: string, choice: ModelChoice): Promise<void> {
    const others = this.all().filter(([path]) => path !== modelPath);
    const isNothing = choice.encoding === undefined && choice.labelsPath === undefined;
    const kept = isNothing ? others : [[modelPath, choice] as const, ...others].slice(0, modelsKept);
    await this.memory.update(memoryKey, kept);
  }

  private all(): [string, ModelChoice][] {
    const parsed = entries.safeParse(this.memory.get(memoryKey));
    return parsed.success ? parsed.data : [];
  }
}

/** Any class of the model, by its name or number. */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Suggestions } from '../../../shared/controls';
import { formatPercent } from '../../../shared/format';

export interface ClassScores {
  labels: string[];
  probabilities: number[];
}

interface ClassChooserProps {
  classes: ClassScores;
  value: number;
  onChange: (index: number) => void;
}

export function ClassChooser({ classes, value, onChange }: ClassChooserProps): VNode {
  const [problem, setProblem] = useState<string>();
  const { labels, probabilities } = classes;
  const name = (index: number) =>
    `${index}: ${labels[index] ?? `class ${index}`} (${formatPercent(probabilities[index] ?? Number.NaN)})`;
  const suggestions = useMemo(
    () =>
      labels
        .map((_, index) => index)
        .sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)
        .map(name),
    [classes],
  );
  const choose = (text: string) => {
    const index = classOf(text, labels);
    setProblem(index === undefined ? `No class is called “${text}”` : undefined);
    if (index !== undefined) onChange(index);
  };
  return (
    <Suggestions value={name(value)} suggestions={suggestions} problem={problem} onChoose={choose}>
      Class
    </Suggestions>
  );
}

/** `281: tabby (45 %)`, `281`, `tabby` or a part of its name. */
export function classOf(text: string, labels: readonly string[]): number | undefined {
  const number = /^\s*(\d+)\s*(:|$)/.exec(text)?.[1];
  if (number !== undefined && Number(number) < labels.length) return Number(number);
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return undefined;
  const lower = labels.map((label) => label.toLowerCase());
  for (const matches of [
    (label: string) => label === wanted,
    (label: string) => label.startsWith(wanted),
    (label: string) => label.includes(wanted),
  ]) {
    const index = lower.findIndex(matches);
    if (index >= 0) return index;
  }
  return undefined;
}

/** What the network says of the picture: its best class, a chart of all, and where their names come from. */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ClassifyModel } from '../../../protocol/webview';
import { Button, Checkbox } from '../../shared/controls';
import { formatCount } from '../../shared/format';
import type { ClassifyHost } from '../host';
import type { InputMode, Shown } from '../shown';
import type { Scores } from './rows';
import { BestClass, type Comparison, ScoreChart } from './ScoreChart';

/** Scores of a picture that is being painted or drawn. */
export interface LiveAnswer {
  mode: Exclude<InputMode, 'picture'>;
  probabilities: Float32Array;
}

interface AnswerProps {
  host: ClassifyHost;
  model: ClassifyModel | null;
  shown: Shown | null;
  truth: string | undefined;
  live: LiveAnswer | null;
  /** The answer before this one. */
  previous: Shown | null;
}

export function Answer({ host, model, shown, truth, live, previous }: AnswerProps): VNode | null {
  const [compares, setCompares] = useState(false);
  const own = useMemo(() => (shown ? scoresOf(shown) : undefined), [shown]);
  const earlier = useMemo(() => (previous ? scoresOf(previous) : undefined), [previous]);
  const scores = useMemo(
    () => (live ? { probabilities: live.probabilities, labels: own?.labels ?? [] } : own),
    [live, own],
  );
  const comparison = ((): Comparison | undefined => {
    if (live?.mode === 'paint' && own) return { name: 'before painting', probabilities: own.probabilities };
    if (!compares || !earlier || !previous || !shown) return undefined;
    if (earlier.probabilities.length !== scores?.probabilities.length) return undefined;
    return { name: nameOf(previous, shown), probabilities: earlier.probabilities };
  })();
  const canCompare = live?.mode !== 'paint' && earlier?.probabilities.length === scores?.probabilities.length;
  if (!scores) return null;
  const { labels: from = '', classCount = 0, outputNote } = shown?.result ?? {};
  return (
    <section class="classes" aria-label="Classes">
      <BestClass scores={scores} truth={live?.mode === 'draw' ? undefined : truth} />
      <ScoreChart scores={scores} comparison={comparison} truth={live?.mode === 'draw' ? undefined : truth} />
      {canCompare && previous && shown && (
        <Checkbox checked={compares} onChange={setCompares}>
          Compare with {nameOf(previous, shown)}
        </Checkbox>
      )}
      {outputNote && <p class="muted">{outputNote}</p>}
      <p class="labels-line">
        <span>
          {from === '' ? `The ${formatCount(classCount)} classes have no names here.` : `Labels: ${from}.`}
        </span>
        {model && (
          <>
            <Button onClick={() => host.post({ type: 'chooseLabels' })}>Choose labels…</Button>
            {model.labelsPath !== undefined && (
              <Button onClick={() => host.post({ type: 'forgetLabels' })}>Labels of the model</Button>
            )}
          </>
        )}
      </p>
    </section>
  );
}

function scoresOf({ result }: Shown): Scores {
  const probabilities = new Float32Array(result.classCount);
  const labels: string[] = [];
  for (const { index, label, probability } of result.classes) {
    probabilities[index] = probability;
    labels[index] = label;
  }
  return { probabilities, labels };
}

/** What tells the answer before from this one. */
function nameOf(previous: Shown, now: Shown): string {
  if (previous.picture !== now.picture) return previous.imageName;
  if (previous.modelName !== now.modelName) return previous.modelName;
  return `${previous.imageName} before the change`;
}

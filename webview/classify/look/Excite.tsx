/** The input that excites a channel most, found on demand. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { Button } from '../../shared/controls';
import { formatValue } from '../../shared/format';
import { paintPicture } from '../../shared/pixels';
import { PixelCanvas } from '../PixelCanvas';
import type { AnswerTo, Questions } from './questions';
import { TaskProgress } from './TaskProgress';
import { useTask } from './useTask';

type Found = AnswerTo<{ kind: 'excite'; layer: string; channel: number; steps: number; seed: number }>;

const steps = 96;

interface ExciteProps {
  questions: Questions;
  session: string;
  layer: string;
  channel: number;
}

export function Excite({ questions, session, layer, channel }: ExciteProps): VNode {
  const task = useTask<Found>(`${session} ${layer} ${channel}`);
  const start = () =>
    task.start((options) =>
      questions.ask(session, { kind: 'excite', layer, channel, steps, seed: 1 }, options),
    );
  return (
    <section class="excite" aria-label="What excites this channel most">
      {!task.progress && !task.answer && (
        <Button onClick={start}>Find the picture that excites channel {channel} most</Button>
      )}
      <TaskProgress task={task} label="Looking for the most exciting picture" />
      {task.answer && <ExcitingPicture found={task.answer} />}
    </section>
  );
}

function ExcitingPicture({ found }: { found: Found }): VNode {
  const { width, height, channels, pixels, scores, note } = found;
  const image = useMemo(
    () => paintPicture(new Uint8Array(pixels), width, height, channels),
    [pixels, width, height, channels],
  );
  const scale = 224 / Math.max(width, height);
  return (
    <figure>
      <PixelCanvas image={image} width={width * scale} height={height * scale} label={note} />
      <figcaption class="muted number">
        {note} From {formatValue(scores[0] ?? Number.NaN)} to {formatValue(scores.at(-1) ?? Number.NaN)}.
      </figcaption>
    </figure>
  );
}

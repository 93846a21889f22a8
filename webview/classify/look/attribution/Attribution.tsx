/** Which part of the picture speaks for a class, by three methods. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { AttributionMethod } from '../../../../protocol/sidecar';
import { Button, Dropdown, ProgressRing, Segments, Slider } from '../../../shared/controls';
import { formatPercent, formatSizes, formatValue } from '../../../shared/format';
import { Icon } from '../../../shared/icons';
import type { Shown } from '../../shown';
import type { AttributionSettings } from '../lookState';
import type { AnswerTo, Questions } from '../questions';
import { TaskProgress } from '../TaskProgress';
import { useTask } from '../useTask';
import { AttributionPicture } from './AttributionPicture';
import { ClassChooser, type ClassScores } from './ClassChooser';
import type { AttributionMap } from './overlay';

interface AttributionProps {
  questions: Questions;
  shown: Shown;
  settings: AttributionSettings;
  onChange: (change: Partial<AttributionSettings>) => void;
}

type Found = AnswerTo<{ kind: 'attribution'; method: AttributionMethod; classIndex: number }>;

const methods: { value: AttributionMethod; text: string; hint: string }[] = [
  {
    value: 'gradCam',
    text: 'Grad-CAM',
    hint: 'A layer’s maps, weighted by the gradient of the class’s score',
  },
  { value: 'occlusion', text: 'Occlusion', hint: 'How much is lost when a part of the picture is covered' },
  {
    value: 'integratedGradients',
    text: 'Integrated gradients',
    hint: 'Every pixel’s share of the score, on the way from black',
  },
];

export function Attribution({ questions, shown, settings, onChange }: AttributionProps): VNode {
  const { session, format, layers, input } = shown.result;
  const classes = useClassScores(questions, shown);
  // onnxruntime computes no gradients.
  const method = format === 'onnx' ? 'occlusion' : settings.method;
  const classIndex =
    settings.classIndex !== null && settings.classIndex < classes.labels.length
      ? settings.classIndex
      : (shown.result.classes[0]?.index ?? 0);
  const mapLayers = layers.filter(
    ({ shape, className }) => shape.length === 3 && shape[0]! * shape[1]! > 1 && className !== 'InputLayer',
  );
  const layer = mapLayers.some(({ name }) => name === settings.layer) ? settings.layer : null;
  const patch = Math.ceil(Math.max(input.width, input.height) / 8);
  const subject = [session, method, classIndex, method === 'gradCam' ? layer : ''].join(' ');
  const task = useTask<Found>(subject);
  /** Of this picture, so that going back and forth computes nothing twice. */
  const found = useRef(new Map<string, Found>());
  if (task.answer) found.current.set(subject, task.answer);
  const answer = found.current.get(subject);
  const start = () =>
    task.start((options) =>
      questions.ask(
        session,
        {
          kind: 'attribution',
          method,
          classIndex,
          ...(method === 'gradCam' && layer !== null ? { layer } : {}),
          ...(method === 'occlusion' ? { patch } : {}),
        },
        options,
      ),
    );
  // Grad-CAM takes no longer than a few runs of the network; the others are started by hand, once.
  useEffect(() => {
    if (!answer && (method === 'gradCam' || settings.started === subject)) start();
  }, [subject]);
  const map = useMemo<AttributionMap | undefined>(
    () =>
      answer && {
        method: answer.method,
        height: answer.height,
        width: answer.width,
        values: new Float32Array(answer.data),
        ...(answer.method === 'occlusion' ? { patch } : {}),
      },
    [answer, patch],
  );
  return (
    <section class="attribution" aria-label="Attribution">
      <div class="attribution-controls">
        <Segments
          label="Method"
          value={method}
          segments={format === 'onnx' ? methods.filter(({ value }) => value === 'occlusion') : methods}
          onChange={(value) => onChange({ method: value })}
        />
        <ClassChooser
          classes={classes}
          value={classIndex}
          onChange={(value) => onChange({ classIndex: value })}
        />
        {method === 'gradCam' && (
          <Dropdown
            label="Layer whose maps are weighted"
            value={layer ?? ''}
            options={[
              { value: '', text: 'the last maps' },
              ...mapLayers.map(({ name, shape }) => ({ value: name, text: `${name} ${formatSizes(shape)}` })),
            ]}
            onChange={(value) => onChange({ layer: value === '' ? null : value })}
          />
        )}
        <Slider
          value={settings.opacity}
          min={0}
          max={1}
          step={0.05}
          text={formatPercent(settings.opacity, 0)}
          onInput={(opacity) => onChange({ opacity })}
        >
          Overlay
        </Slider>
      </div>
      {format === 'onnx' && (
        <p class="notice information">
          <Icon name="information" />
          <span>
            Grad-CAM and integrated gradients need gradients, which onnxruntime does not compute. Occlusion
            needs none: it covers parts of the picture and runs the model again.
          </span>
        </p>
      )}
      {method === 'gradCam' && task.progress && !answer && <ProgressRing label="Computing Grad-CAM" />}
      {!(method === 'gradCam' && task.progress) && (
        <TaskProgress
          task={{
            ...task,
            cancel: () => {
              onChange({ started: null });
              task.cancel();
            },
          }}
          label="Computing the attribution"
        />
      )}
      {!answer && !task.progress && (method !== 'gradCam' || task.failure !== undefined) && (
        <div>
          <Button
            appearance="primary"
            onClick={() => {
              onChange({ started: subject });
              start();
            }}
          >
            {task.failure === undefined ? 'Compute' : 'Try again'}
          </Button>
        </div>
      )}
      {answer && map && (
        <AttributionPicture
          input={input}
          map={map}
          opacity={settings.opacity}
          title={`${classes.labels[classIndex] ?? `class ${classIndex}`}`}
        />
      )}
      {answer && (
        <p class="muted attribution-note">
          {answer.note} {scoreName(answer)}: {formatValue(answer.score)}.
        </p>
      )}
    </section>
  );
}

function scoreName({ method }: Found): string {
  return method === 'occlusion' ? 'The class’s output for the whole picture' : 'The class’s score';
}

/** Of the classes that are known at once, until those of all are there. */
function useClassScores(questions: Questions, { result }: Shown): ClassScores {
  const known = useMemo(() => {
    const labels = Array.from({ length: result.classCount }, (_, index) => `class ${index}`);
    const probabilities = new Array<number>(result.classCount).fill(Number.NaN);
    for (const { index, label, probability } of result.classes) {
      labels[index] = label;
      probabilities[index] = probability;
    }
    return { labels, probabilities };
  }, [result]);
  const [all, setAll] = useState<{ session: string; classes: ClassScores }>();
  useEffect(() => {
    questions.ask(result.session, { kind: 'classes' }).then(
      ({ labels, probabilities }) => setAll({ session: result.session, classes: { labels, probabilities } }),
      // The names of the first ones are there; numbers do for the others.
      (error: Error) => console.warn(`Layerwise: ${error.message}`),
    );
  }, [questions, result.session]);
  return all?.session === result.session ? all.classes : known;
}

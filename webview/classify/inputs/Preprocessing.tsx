/** How a picture becomes the model's input: stated, and adjustable. What is guessed is called a guess. */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import {
  type EncodingChoice,
  type EncodingPreset,
  encodingPresets,
  type FramingName,
} from '../../../protocol/sidecar';
import type { ClassifyModel } from '../../../protocol/webview';
import { Button, Checkbox, Dropdown, Segments, TextField } from '../../shared/controls';
import { formatValue } from '../../shared/format';
import { Icon } from '../../shared/icons';
import {
  formatNumbers,
  type Normalization,
  normalizationOf,
  parseNumbers,
  presetOf,
  presetsFor,
  scalingOf,
  valueRange,
} from './normalization';

/** How long a field rests before it counts, in milliseconds. */
const settleMilliseconds = 350;

const framings: { value: FramingName; text: string }[] = [
  { value: 'fit', text: 'Crop what sticks out' },
  { value: 'contain', text: 'Whole, black around it' },
  { value: 'stretch', text: 'Stretch' },
  { value: 'mnist', text: 'A digit, centred as MNIST does' },
];
const partNames = { scale: 'values', channelOrder: 'channel order', framing: 'cropping' } as const;

interface PreprocessingProps {
  model: ClassifyModel;
  /** Null: as the model has it. */
  onChoose: (choice: EncodingChoice | null) => void;
}

export function Preprocessing({ model, onChoose }: PreprocessingProps): VNode {
  const { ownEncoding, choice = {}, guessed, assumptions } = model;
  const encoding = { ...ownEncoding, ...choice };
  const { channels } = encoding;
  const guesses = guessed.filter((part) => choice[part] === undefined);
  const isChosen = Object.keys(choice).length > 0;
  const choose = (changed: EncodingChoice) => onChoose({ ...choice, ...changed });
  const preset = presetOf(encoding);
  const normalization = normalizationOf(encoding);
  const choosePreset = (name: EncodingPreset) => {
    const chosen: {
      scale: number | readonly number[];
      offset: number | readonly number[];
      channelOrder?: 'bgr';
    } = encodingPresets[name];
    const upright = normalizationOf({ scale: plain(chosen.scale), offset: plain(chosen.offset) });
    choose({
      ...scalingOf({ ...upright, inverted: normalization.inverted }),
      ...(channels === 3 && (name === 'caffe' || preset === 'caffe')
        ? { channelOrder: chosen.channelOrder ?? 'rgb' }
        : {}),
    });
  };
  const [low, high] = valueRange(encoding, channels);
  return (
    <details class="preprocessing">
      <summary>
        <span>Preprocessing</span>
        {isChosen ? (
          <span class="badge">chosen by you</span>
        ) : guesses.length > 0 ? (
          <span class="badge guess">partly guessed</span>
        ) : (
          <span class="badge">from the model</span>
        )}
      </summary>
      {guesses.length > 0 && (
        <p class="notice warning">
          <Icon name="warning" />
          <span>
            Guessed, since the model’s files do not say: {guesses.map((part) => partNames[part]).join(', ')}.
            {guesses.includes('scale') && assumptions !== '' && ` (${assumptions}.)`}
          </span>
        </p>
      )}
      <div class="preprocessing-fields">
        <div class="field">
          <span class="field-name">Values</span>
          <Dropdown
            label="Values"
            value={preset ?? 'own'}
            options={[
              ...presetsFor(channels).map((name) => ({ value: name, text: encodingPresets[name].name })),
              ...(preset ? [] : [{ value: 'own' as const, text: 'Of its own' }]),
            ]}
            onChange={(name) => name !== 'own' && choosePreset(name)}
          />
        </div>
        <NormalizationFields
          normalization={normalization}
          channels={channels}
          onChange={(next) => choose(scalingOf(next))}
        />
        <Checkbox
          checked={normalization.inverted}
          onChange={(inverted) => choose(scalingOf({ ...normalization, inverted }))}
        >
          Inverted: 255 − v instead of v
        </Checkbox>
        {channels === 3 && (
          <div class="field">
            <span class="field-name">Channels</span>
            <Segments
              label="Channel order"
              value={encoding.channelOrder ?? 'rgb'}
              segments={[
                { value: 'rgb', text: 'RGB', hint: 'Red first' },
                { value: 'bgr', text: 'BGR', hint: 'Blue first' },
              ]}
              onChange={(channelOrder) => choose({ channelOrder })}
            />
          </div>
        )}
        <div class="field">
          <span class="field-name">
            To {encoding.height}×{encoding.width}
          </span>
          <Dropdown
            label="How pictures become the input's size"
            value={encoding.framing}
            options={framings}
            onChange={(framing) => choose({ framing })}
          />
        </div>
        <p class="muted">
          The model gets values from {formatValue(low)} to {formatValue(high)}.
        </p>
        <div>
          <Button disabled={!isChosen} onClick={() => onChoose(null)}>
            {guessed.length > 0 ? 'Reset to the guess' : 'Reset to the model’s own'}
          </Button>
        </div>
      </div>
    </details>
  );
}

interface NormalizationFieldsProps {
  normalization: Normalization;
  channels: number;
  onChange: (next: Normalization) => void;
}

/** (v/255 − mean) / deviation, as it is written down for most models. */
function NormalizationFields({ normalization, channels, onChange }: NormalizationFieldsProps): VNode {
  const told = JSON.stringify(normalization);
  const [mean, setMean] = useState(formatNumbers(normalization.mean));
  const [deviation, setDeviation] = useState(formatNumbers(normalization.deviation));
  const [divisor, setDivisor] = useState(normalization.divisor);
  /** What the fields last made of themselves: the same coming back must not rewrite what is being typed. */
  const own = useRef(JSON.stringify(scalingOf(normalization)));
  useEffect(() => {
    if (JSON.stringify(scalingOf(normalization)) === own.current) return;
    own.current = JSON.stringify(scalingOf(normalization));
    setMean(formatNumbers(normalization.mean));
    setDeviation(formatNumbers(normalization.deviation));
    setDivisor(normalization.divisor);
  }, [told]);
  const means = parseNumbers(mean, channels, false);
  const deviations = parseNumbers(deviation, channels, true);
  useEffect(() => {
    if (typeof means === 'string' || typeof deviations === 'string') return;
    const next = { divisor, mean: means, deviation: deviations, inverted: normalization.inverted };
    const scaling = JSON.stringify(scalingOf(next));
    if (scaling === own.current) return;
    const timer = setTimeout(() => {
      own.current = scaling;
      onChange(next);
    }, settleMilliseconds);
    return () => clearTimeout(timer);
  }, [mean, deviation, divisor]);
  const problem = (parsed: number[] | string) => (typeof parsed === 'string' ? parsed : undefined);
  return (
    <div class="normalization">
      <p class="formula number" aria-hidden="true">
        ({divisor === 255 ? 'v/255' : 'v'} − mean) / deviation
      </p>
      <div class="field">
        <span class="field-name">First</span>
        <Segments
          label="Range before mean and deviation"
          value={`${divisor}`}
          segments={[
            { value: '255', text: '0 … 1', hint: 'Divided by 255' },
            { value: '1', text: '0 … 255', hint: 'As they are' },
          ]}
          onChange={(value) => setDivisor(value === '255' ? 255 : 1)}
        />
      </div>
      <div class="pair">
        <TextField value={mean} onInput={setMean} problem={problem(means)}>
          Mean
        </TextField>
        <TextField value={deviation} onInput={setDeviation} problem={problem(deviations)}>
          Deviation
        </TextField>
      </div>
    </div>
  );
}

function plain(value: number | readonly number[]): number | number[] {
  return typeof value === 'number' ? value : [...value];
}

/** What a training would be started with: the data and how it goes with the model, and the options. */
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { describeTrainingMemory, memoryText, trainingMemory } from '../../model-graph/trainingMemory';
import { optimizerName } from '../../protocol/sidecar';
import type { TrainingSetup } from '../../protocol/webview';
import { Button, Checkbox, Dropdown, TextField } from '../shared/controls';
import { Icon } from '../shared/icons';
import { DataCard } from './DataCard';
import { type FieldName, type Fields, fieldsOf, optionsOf, type Problems } from './fields';
import type { TrainingHost } from './host';
import { OpenSizes, type SizeTexts, sizesOf } from './OpenSizes';

/** How long the fields rest before they are told, in milliseconds. */
const settleMilliseconds = 400;

export function SetupForm({ setup, host }: { setup: TrainingSetup; host: TrainingHost }): VNode {
  const { modelName, modelSummary, data } = setup;
  const [fields, setFields] = useState<Fields>(() => fieldsOf(setup.options));
  const { options, problems } = useMemo(() => optionsOf(fields, setup.options), [fields]);
  const untouched = useRef(true);
  useEffect(() => {
    if (untouched.current) {
      untouched.current = false;
      return;
    }
    if (!options) return;
    const timer = setTimeout(() => host.post({ type: 'optionsChanged', options }), settleMilliseconds);
    return () => clearTimeout(timer);
  }, [options]);
  const [sizeTexts, setSizeTexts] = useState<SizeTexts>({});
  const sizes = useMemo(() => sizesOf(sizeTexts), [sizeTexts]);
  useEffect(() => {
    if (!sizes || Object.keys(sizes).length === 0) return;
    const timer = setTimeout(() => host.post({ type: 'sizesChanged', sizes }), settleMilliseconds);
    return () => clearTimeout(timer);
  }, [sizes]);
  const set = <Name extends FieldName>(name: Name, value: Fields[Name]) =>
    setFields((current) => ({ ...current, [name]: value }));
  const obstacle = sizes ? obstacleOf(setup, problems) : 'A size needs another value.';
  return (
    <main class="training-panel setup">
      <header class="run-header">
        <div>
          <h1>Train {modelName}</h1>
          <p class="muted">{modelSummary}</p>
        </div>
        <div class="actions">
          {obstacle !== null && (
            <p class="muted" id="obstacle">
              {obstacle}
            </p>
          )}
          <Button
            appearance="primary"
            disabled={!options || obstacle !== null}
            onClick={() =>
              options &&
              host.post({
                type: 'start',
                options,
                ...(sizes && Object.keys(sizes).length > 0 ? { sizes } : {}),
              })
            }
          >
            Start training
          </Button>
        </div>
      </header>
      <OpenSizes
        sizes={setup.openSizes}
        texts={sizeTexts}
        onInput={(name, text) => setSizeTexts((current) => ({ ...current, [name]: text }))}
      />
      <Program program={setup.program} host={host} />
      <DataCard data={data} host={host} />
      <Options {...{ setup, fields, problems, set }} />
    </main>
  );
}

/** Why it cannot start yet; null when it can. Data that does not go with the model is refused with its reason anyway. */
function obstacleOf({ data, openSizes, program }: TrainingSetup, problems: Problems): string | null {
  if (Object.keys(problems).length > 0) return 'A field needs another value.';
  if (data.state === 'failed') return 'The data cannot be read.';
  if (data.state === 'known' && openSizes.some(({ value }) => value === null))
    return 'A size of the model is missing.';
  if (program && !program.runs) return 'Only the program itself can build this model.';
  const fit = data.state === 'known' ? data.facts.model : undefined;
  // Of a model that the program builds not all is known before; what does not fit is told then.
  if (fit && !fit.fits && !(program && fit.mismatches.length === 0))
    return 'The data and the model do not go together yet.';
  return null;
}

/** Asks whether the program's own code may run, where the analysis does not hold all of the model. */
function Program(props: { program: TrainingSetup['program']; host: TrainingHost }): VNode | null {
  const { program, host } = props;
  if (!program) return null;
  return (
    <div class="notice information">
      <Icon name="information" />
      <div>
        <p>Layerwise cannot build this model from its source alone: {program.reason}.</p>
        <Checkbox checked={program.runs} onChange={(runs) => host.post({ type: 'runProgram', runs })}>
          Run {program.what}, which builds it
        </Checkbox>
      </div>
    </div>
  );
}

type SetField = <Name extends FieldName>(name: Name, value: Fields[Name]) => void;

function Options(props: { setup: TrainingSetup; fields: Fields; problems: Problems; set: SetField }): VNode {
  const { setup, fields, problems, set } = props;
  const { compiled, data } = setup;
  const known = data.state === 'known' ? data.facts : undefined;
  const isClassification = known === undefined || known.target.kind === 'classes';
  const isPictures = known === undefined || known.example.kind === 'image';
  const text = (name: FieldName, label: ComponentChildren, placeholder?: string) => (
    <TextField
      key={name}
      value={String(fields[name])}
      onInput={(value) => set(name, value as never)}
      problem={problems[name]}
      {...(placeholder === undefined ? {} : { placeholder })}
    >
      {label}
    </TextField>
  );
  const check = (
    name: 'stopsEarly' | 'reducesOnPlateau' | 'balances' | 'augments' | 'flips',
    label: string,
  ) => (
    <Checkbox key={name} checked={fields[name]} onChange={(checked) => set(name, checked)}>
      {label}
    </Checkbox>
  );
  const own = compiled.optimizer?.toLowerCase() ?? 'adam';
  const rate =
    fields.optimizer === '' && compiled.learningRate !== undefined
      ? `${compiled.learningRate}, as in the source`
      : "the optimizer's own";
  return (
    <section class="card" aria-label="Options">
      <h2>Options</h2>
      <div class="fields">
        {text('epochs', 'Epochs')}
        {text('batchSize', 'Batch size')}
        <div class="text-field">
          <span class="field-label" id="optimizer-label">
            Optimizer
          </span>
          <Dropdown
            label="Optimizer"
            value={fields.optimizer || 'source'}
            options={[
              { value: 'source', text: `${own}, as in the source` },
              ...optimizerName.options.map((value) => ({ value, text: value })),
            ]}
            onChange={(value) => set('optimizer', value === 'source' ? '' : optimizerName.parse(value))}
          />
        </div>
        {text('learningRate', 'Learning rate', rate)}
        {text('validation', 'Validation, % of the training examples')}
        {text('seed', 'Seed')}
      </div>
      <Memory {...{ setup, fields }} />
      <div class="choices">
        {check('stopsEarly', 'Stop early, and keep the best weights')}
        {fields.stopsEarly && (
          <div class="fields inner">{text('stoppingPatience', 'After epochs that were no better')}</div>
        )}
        {check('reducesOnPlateau', 'Lower the learning rate when it does not get better')}
        {fields.reducesOnPlateau && (
          <div class="fields inner">
            {text('plateauPatience', 'After epochs that were no better')}
            {text('plateauFactor', 'Multiply it by')}
          </div>
        )}
        {isClassification && check('balances', 'Let every class count alike, however many examples it has')}
        {isPictures && check('augments', 'Change the training pictures at random')}
        {isPictures && fields.augments && (
          <div class="fields inner">
            {text('shift', 'Shift, up to % of the size')}
            {text('rotation', 'Rotate, up to degrees')}
            {text('zoom', 'Zoom, up to %')}
            {text('brightness', 'Brightness, up to %')}
            {check('flips', 'Mirror left and right')}
          </div>
        )}
      </div>
      <p class="muted">
        The optimizer, loss and metrics of the source's <span class="code">compile</span> hold where nothing
        else is chosen here{compiled.loss === undefined ? '' : `; its loss is ${compiled.loss}`}. Two runs
        with one seed come out alike.
      </p>
    </section>
  );
}

/** What training will hold of memory, told before it starts, and whether that is there. */
function Memory({ setup, fields }: { setup: TrainingSetup; fields: Fields }): VNode | null {
  const { sizes, compiled, data } = setup;
  const batchSize = Number(fields.batchSize);
  const optimizer = fields.optimizer || compiled.optimizer || 'adam';
  const memory = sizes && Number.isInteger(batchSize) ? trainingMemory(sizes, batchSize, optimizer) : null;
  if (!memory) return null;
  const limit = data.state === 'known' ? data.facts.memoryLimit : undefined;
  const fits = !limit || memory.total <= limit.most;
  return (
    <p class={fits ? 'muted' : 'notice warning'} role={fits ? undefined : 'alert'}>
      Memory: {describeTrainingMemory(memory, batchSize)}
      {limit ? `; ${memoryText(limit.most)} ${limit.of}` : ''}.
      {fits ? '' : ' It cannot fit: use a smaller batch, another optimizer or a smaller model.'}
    </p>
  );
}

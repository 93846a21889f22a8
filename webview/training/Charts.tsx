/** The curves of a run, with those of others over them: loss, accuracy or error, learning rate. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { EpochMetrics } from '../../protocol/sidecar';
import { Button, Checkbox, Segments } from '../shared/controls';
import { formatPercent, formatValue } from '../shared/format';
import { Chart, type Line } from './Chart';
import { type Point, smoothed, valueAt } from './curves';
import type { BatchPoint, Progress } from './progress';

/** How the curves are looked at; kept with the panel. */
export interface ChartView {
  /** 0 … 0.99. */
  smoothing: number;
  isLogarithmic: boolean;
  /** Epochs; absent: all. */
  zoom?: [number, number] | undefined;
}

export interface ComparedCurves {
  id: string;
  name: string;
  progress: Progress;
}

interface Measure {
  title: string;
  ofBatch: (point: BatchPoint) => number | null;
  training: (metrics: EpochMetrics) => number | undefined;
  validation: (metrics: EpochMetrics) => number | undefined;
  format: (value: number) => string;
  formatTick: (value: number) => string;
  range?: [number, number];
}

const loss: Measure = {
  title: 'Loss',
  ofBatch: (point) => point.loss,
  training: (metrics) => metrics.loss,
  validation: (metrics) => metrics.validationLoss,
  format: formatValue,
  formatTick: formatValue,
};
const accuracy: Measure = {
  title: 'Accuracy',
  ofBatch: (point) => point.accuracy,
  training: (metrics) => metrics.accuracy,
  validation: (metrics) => metrics.validationAccuracy,
  format: (value) => formatPercent(value),
  formatTick: (value) => formatPercent(value, 0),
  range: [0, 1],
};
const error: Measure = {
  title: 'Mean absolute error',
  ofBatch: () => null,
  training: (metrics) => metrics.meanAbsoluteError,
  validation: (metrics) => metrics.validationMeanAbsoluteError,
  format: formatValue,
  formatTick: formatValue,
};

/** One for each run, told apart by people who see few colours because their lines have names and dashes, too. */
const runColors = [
  '--lw-blue',
  '--lw-bright-orange',
  '--lw-green',
  '--lw-purple',
  '--lw-red',
  '--lw-cyan',
  '--lw-magenta',
  '--lw-yellow',
];

export function Charts(props: {
  name: string;
  progress: Progress;
  compared: ComparedCurves[];
  view: ChartView;
  onView: (view: ChartView) => void;
}): VNode {
  const { name, progress, compared, view, onView } = props;
  const all = [progress, ...compared.map((one) => one.progress)];
  const epochs = Math.max(...all.map(({ state }) => state.options.epochs));
  const has = (measure: Measure) =>
    all.some(
      (one) =>
        one.epochs.some((metrics) => measure.training(metrics) !== undefined) ||
        one.batches.some((point) => measure.ofBatch(point) !== null),
    );
  const measures = [loss, ...[accuracy, error].filter(has)];
  const window: [number, number] = view.zoom ?? [0, epochs];
  const zoom = (chosen: [number, number] | undefined) => onView({ ...view, zoom: chosen });
  return (
    <section aria-label="Curves" class="curves">
      <Controls view={view} onView={onView} reached={reached(progress)} />
      <div class="charts">
        {measures.map((measure) => (
          <MeasureChart
            key={measure.title}
            {...{ measure, name, progress, compared, view, window, epochs }}
            onZoom={zoom}
          />
        ))}
        <LearningRateChart {...{ name, progress, compared, window }} onZoom={zoom} />
      </div>
    </section>
  );
}

/** How far the run has come, in epochs. */
function reached({ batches, epochs }: Progress): number {
  return Math.max(batches.at(-1)?.x ?? 0, epochs.at(-1)?.epoch ?? 0);
}

function Controls(props: { view: ChartView; onView: (view: ChartView) => void; reached: number }): VNode {
  const { view, onView, reached: end } = props;
  const windows = {
    all: undefined,
    half: [end / 2, end] as [number, number],
    epoch: [Math.max(0, end - 1), end] as [number, number],
  };
  const same = (a?: [number, number], b?: [number, number]) => JSON.stringify(a) === JSON.stringify(b);
  const shown = (['all', 'half', 'epoch'] as const).find((each) => same(windows[each], view.zoom));
  return (
    <div class="chart-controls">
      <label class="slider">
        <span>Smoothing</span>
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={view.smoothing}
          aria-valuetext={view.smoothing === 0 ? 'none' : view.smoothing.toFixed(2)}
          onInput={(event) => onView({ ...view, smoothing: Number(event.currentTarget.value) })}
        />
        <output class="number">{view.smoothing.toFixed(2)}</output>
      </label>
      <Checkbox checked={view.isLogarithmic} onChange={(isLogarithmic) => onView({ ...view, isLogarithmic })}>
        Logarithmic loss
      </Checkbox>
      <Segments<'all' | 'half' | 'epoch'>
        label="Part of the run"
        value={shown ?? 'dragged'}
        segments={[
          { value: 'all', text: 'All', hint: 'The whole run' },
          { value: 'half', text: 'Last half', hint: 'The newer half of what is trained' },
          { value: 'epoch', text: 'Last epoch', hint: 'The newest epoch' },
        ]}
        onChange={(value) => onView({ ...view, zoom: windows[value] })}
      />
      {view.zoom && !shown && <Button onClick={() => onView({ ...view, zoom: undefined })}>Show all</Button>}
      <p class="muted hint">Drag over a chart to look closer.</p>
    </div>
  );
}

interface MeasureProps {
  measure: Measure;
  name: string;
  progress: Progress;
  compared: ComparedCurves[];
  view: ChartView;
  window: [number, number];
  epochs: number;
  onZoom: (window: [number, number]) => void;
}

function MeasureChart({
  measure,
  name,
  progress,
  compared,
  view,
  window,
  epochs,
  onZoom,
}: MeasureProps): VNode {
  const lines = useMemo(
    () =>
      compared.length === 0
        ? linesOfOne(measure, progress, view.smoothing)
        : [{ id: '', name, progress }, ...compared].flatMap((run, index) =>
            linesOfSeveral(measure, run, view.smoothing, runColors[index % runColors.length]!),
          ),
    [measure, name, progress.batches, progress.epochs, compared, view.smoothing],
  );
  const isLogarithmic = view.isLogarithmic && measure !== accuracy;
  // Zoomed in, what is seen fills the chart.
  const range = measure.range && !view.zoom ? { range: measure.range } : {};
  return (
    <Chart
      title={measure.title}
      {...{ lines, window, onZoom, isLogarithmic }}
      {...range}
      format={measure.format}
      formatTick={measure.formatTick}
      summary={summaryOf(measure, progress, compared, epochs)}
    />
  );
}

function epochPoints(epochs: EpochMetrics[], pick: (metrics: EpochMetrics) => number | undefined): Point[] {
  return epochs.flatMap((metrics) => {
    const value = pick(metrics);
    return value === undefined ? [] : [{ x: metrics.epoch, value }];
  });
}

function batchPoints({ batches }: Progress, { ofBatch }: Measure): Point[] {
  return batches.flatMap((point) => {
    const value = ofBatch(point);
    return value === null ? [] : [{ x: point.x, value }];
  });
}

function linesOfOne(measure: Measure, progress: Progress, smoothing: number): Line[] {
  const batches = batchPoints(progress, measure);
  return [
    { points: smoothing > 0 ? batches : [], color: '--lw-faint', style: 'noise' },
    { name: 'batch', points: smoothed(batches, smoothing), color: '--lw-blue', style: 'line' },
    {
      name: 'epoch',
      points: epochPoints(progress.epochs, measure.training),
      color: '--lw-blue',
      style: 'points',
    },
    {
      name: 'validation',
      points: epochPoints(progress.epochs, measure.validation),
      color: '--lw-bright-orange',
      style: 'dashed',
    },
  ];
}

/** Two lines for each run: as it learned, and dashed how it did on validation data. */
function linesOfSeveral(measure: Measure, run: ComparedCurves, smoothing: number, color: string): Line[] {
  const batches = batchPoints(run.progress, measure);
  return [
    {
      name: run.name,
      points:
        batches.length > 0
          ? smoothed(batches, smoothing)
          : epochPoints(run.progress.epochs, measure.training),
      color,
      style: 'line',
    },
    {
      name: `${run.name}, validation`,
      points: epochPoints(run.progress.epochs, measure.validation),
      color,
      style: 'dashed',
    },
  ];
}

function summaryOf(measure: Measure, progress: Progress, compared: ComparedCurves[], epochs: number): string {
  const training = epochPoints(progress.epochs, measure.training);
  const batches = batchPoints(progress, measure);
  const last = valueAt(training, null) ?? valueAt(batches, null);
  const validation = valueAt(epochPoints(progress.epochs, measure.validation), null);
  const known = last === null ? 'nothing yet' : `${measure.format(last)} in training`;
  const others = compared.length > 0 ? ` With ${compared.map(({ name }) => name).join(', ')}.` : '';
  return `${measure.title} over ${epochs} epochs. Latest: ${known}${
    validation === null ? '' : `, ${measure.format(validation)} in validation`
  }.${others}`;
}

/** Only where it is known; it says why a curve suddenly falls. */
function LearningRateChart(props: {
  name: string;
  progress: Progress;
  compared: ComparedCurves[];
  window: [number, number];
  onZoom: (window: [number, number]) => void;
}): VNode | null {
  const { name, progress, compared, window, onZoom } = props;
  const lines = useMemo(
    () =>
      [{ id: '', name: compared.length > 0 ? name : 'learning rate', progress }, ...compared].map(
        (run, index): Line => ({
          name: run.name,
          points: ratesOf(run.progress),
          color: runColors[index % runColors.length]!,
          style: 'line',
        }),
      ),
    [name, progress.batches, progress.epochs, compared],
  );
  if (lines.every(({ points }) => points.length === 0)) return null;
  const last = valueAt(lines[0]!.points, null);
  return (
    <Chart
      title="Learning rate"
      {...{ lines, window, onZoom }}
      height={140}
      format={formatValue}
      formatTick={formatValue}
      summary={`Learning rate. Latest: ${last === null ? 'not known' : formatValue(last)}.`}
    />
  );
}

function ratesOf({ batches, epochs }: Progress): Point[] {
  const ofBatches = batches.flatMap(({ x, learningRate }) =>
    learningRate === null ? [] : [{ x, value: learningRate }],
  );
  if (ofBatches.length > 0) return ofBatches;
  return epochPoints(epochs, (metrics) => metrics.learningRate);
}

/** How a training shows itself in a terminal: one line that is rewritten, or plain lines where there is no terminal. */
import type { EpochMetrics, TrainingEvent } from '../../protocol/sidecar';
import { printable } from '../output';

/** Where the lines go; `process.stdout` is one. */
export interface Screen {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export class ProgressLines {
  private line = '';
  private epochs = 0;
  private classNames: readonly string[] = [];
  private confusions: readonly string[] = [];

  constructor(private readonly screen: Screen) {}

  show(event: TrainingEvent): void {
    switch (event.kind) {
      case 'started':
        this.epochs = event.epochs;
        this.classNames = event.classNames ?? [];
        this.say(`Data      ${event.dataDescription}`);
        if (this.classNames.length > 0) this.say(`Classes   ${listed(this.classNames)}`);
        this.say(`Backend   ${event.backend}`);
        if (event.memory !== undefined) this.say(`Memory    ${event.memory}`);
        this.say(`Run       ${event.runFolder}`);
        this.say('');
        break;
      case 'batch':
        this.rewrite(batchLine(event, this.epochs));
        break;
      case 'epoch':
        this.say(epochLine(event.metrics, this.epochs));
        break;
      case 'evaluation':
        this.confusions = confusionLines(event.confusion, this.classNames);
        break;
      case 'warning':
        this.say(`Warning: ${event.message}`);
        break;
    }
  }

  /** What the model mixes up most, of the last evaluation. */
  get mixedUp(): readonly string[] {
    return this.confusions;
  }

  /** A line that stays. */
  say(text: string): void {
    this.clear();
    this.screen.write(`${printable(text)}\n`);
  }

  /** A line that the next one takes the place of; nothing where lines cannot be taken back. */
  rewrite(text: string): void {
    if (!this.screen.isTTY) return;
    this.line = printable(text).slice(0, (this.screen.columns ?? 80) - 1);
    this.screen.write(`\r\x1b[2K${this.line}`);
  }

  clear(): void {
    if (this.line) this.screen.write('\r\x1b[2K');
    this.line = '';
  }
}

const mostListed = 20;
const mostConfusions = 3;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostListed).join(', ');
  const more = names.length - mostListed;
  return more > 0 ? `${shown} and ${more.toLocaleString('en-US')} more` : shown;
}

/** The largest cells beside the diagonal: `Shirt was taken for T-shirt/top 142 times of 1,000`. */
function confusionLines(confusion: readonly (readonly number[])[], names: readonly string[]): string[] {
  const cells = confusion.flatMap((row, label) =>
    row.map((count, predicted) => ({
      label,
      predicted,
      count,
      of: row.reduce((sum, value) => sum + value, 0),
    })),
  );
  return cells
    .filter(({ label, predicted, count }) => label !== predicted && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, mostConfusions)
    .map(
      ({ label, predicted, count, of }) =>
        `${names[label]} was taken for ${names[predicted]} ${count.toLocaleString('en-US')} ${count === 1 ? 'time' : 'times'} of ${of.toLocaleString('en-US')}`,
    );
}

type Batch = Extract<TrainingEvent, { kind: 'batch' }>;

const barCells = 24;

function batchLine(event: Batch, epochs: number): string {
  const { epoch, batch, batchesPerEpoch, loss, accuracy, examplesPerSecond, secondsLeft } = event;
  const done = Math.round((barCells * batch) / batchesPerEpoch);
  const bar = '█'.repeat(done) + '░'.repeat(barCells - done);
  const facts = [
    `loss ${number(loss)}`,
    accuracy === undefined ? '' : `accuracy ${percent(accuracy)}`,
    `${Math.round(examplesPerSecond).toLocaleString('en-US')} examples/s`,
    `${duration(secondsLeft)} left`,
  ];
  return `Epoch ${epoch}/${epochs} ${bar} ${facts.filter(Boolean).join(' · ')}`;
}

function epochLine(metrics: EpochMetrics, epochs: number): string {
  const { epoch, loss, accuracy, meanAbsoluteError, seconds } = metrics;
  const { validationLoss, validationAccuracy, validationMeanAbsoluteError } = metrics;
  const width = String(epochs).length;
  const facts = [
    `loss ${number(loss)}`,
    accuracy === undefined ? '' : `accuracy ${percent(accuracy)}`,
    meanAbsoluteError === undefined ? '' : `mean absolute error ${number(meanAbsoluteError)}`,
    validationLoss === undefined ? '' : `validation loss ${number(validationLoss)}`,
    validationAccuracy === undefined ? '' : `validation accuracy ${percent(validationAccuracy)}`,
    validationMeanAbsoluteError === undefined
      ? ''
      : `validation mean absolute error ${number(validationMeanAbsoluteError)}`,
    duration(seconds),
  ];
  return `Epoch ${String(epoch).padStart(width)}/${epochs}  ${facts.filter(Boolean).join(' · ')}`;
}

export function number(value: number): string {
  return Math.abs(value) >= 0.001 && Math.abs(value) < 1e5 ? value.toFixed(4) : value.toPrecision(4);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** `4.2 s`, `45 s`, `3 min 05 s`, `1 h 12 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

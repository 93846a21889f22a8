/** How a training shows itself in a terminal: one line that is rewritten, or plain lines where there is no terminal. */
import type { EpochMetrics, TrainingEvent } from '../../protocol/sidecar';

/** Where the lines go; `process.stdout` is one. */
export interface Screen {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export class ProgressLines {
  private line = '';
  private epochs = 0;

  constructor(private readonly screen: Screen) {}

  show(event: TrainingEvent): void {
    switch (event.kind) {
      case 'started':
        this.epochs = event.epochs;
        this.say(`Data      ${event.dataDescription}`);
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
      case 'warning':
        this.say(`Warning: ${event.message}`);
        break;
    }
  }

  /** A line that stays. */
  say(text: string): void {
    this.clear();
    this.screen.write(`${text}\n`);
  }

  /** A line that the next one takes the place of; nothing where lines cannot be taken back. */
  rewrite(text: string): void {
    if (!this.screen.isTTY) return;
    this.line = text.slice(0, (this.screen.columns ?? 80) - 1);
    this.screen.write(`\r\x1b[2K${this.line}`);
  }

  clear(): void {
    if (this.line) this.screen.write('\r\x1b[2K');
    this.line = '';
  }
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
  const { epoch, loss, accuracy, validationLoss, validationAccuracy, seconds } = metrics;
  const width = String(epochs).length;
  const facts = [
    `loss ${number(loss)}`,
    accuracy === undefined ? '' : `accuracy ${percent(accuracy)}`,
    validationLoss === undefined ? '' : `validation loss ${number(validationLoss)}`,
    validationAccuracy === undefined ? '' : `validation accuracy ${percent(validationAccuracy)}`,
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

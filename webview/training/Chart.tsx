/** One measure over the epochs: per batch (faint), per epoch on training data (solid) and on validation data (dashed). */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { onThemeChange, themeColor } from '../shared/theme';

export interface ChartProps {
  title: string;
  /** In epochs; ascending. */
  batches: { x: number; value: number | null }[];
  training: { x: number; value: number | null }[];
  validation: { x: number; value: number | null }[];
  epochs: number;
  /** Accuracy lies between 0 and 1. */
  range?: [number, number];
  format: (value: number) => string;
  formatTick: (value: number) => string;
}

const height = 240;

export function Chart(props: ChartProps): VNode {
  const { title, format } = props;
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => onThemeChange(() => setTheme((count) => count + 1)), []);

  const data = joined(props);
  const latestData = useRef(data);
  latestData.current = data;

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const foreground = themeColor('--lw-muted');
    const grid = themeColor('--lw-grid');
    const axis: uPlot.Axis = {
      stroke: foreground,
      font: `11px ${getComputedStyle(document.body).fontFamily}`,
      grid: { stroke: grid, width: 1 },
      ticks: { stroke: grid, width: 1 },
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        padding: [8, 10, 0, 0],
        cursor: { drag: { x: false, y: false }, points: { size: 7 } },
        scales: {
          x: { time: false, range: [0, props.epochs] },
          y: props.range
            ? { range: props.range }
            : { range: { min: { pad: 0.05, soft: 0, mode: 1 }, max: { pad: 0.1 } } },
        },
        axes: [
          { ...axis, space: 44, size: 30, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
          {
            ...axis,
            size: 52,
            values: (_, ticks) => ticks.map(props.formatTick),
          },
        ],
        series: [
          {},
          { stroke: themeColor('--lw-faint'), width: 1, points: { show: false }, spanGaps: true },
          {
            stroke: themeColor('--lw-blue'),
            width: 2,
            spanGaps: true,
            points: { show: true, size: 6, fill: themeColor('--lw-background') },
          },
          {
            stroke: themeColor('--lw-orange'),
            width: 2,
            dash: [6, 4],
            spanGaps: true,
            points: { show: true, size: 6, fill: themeColor('--lw-background') },
          },
        ],
        hooks: { setCursor: [(self) => setPointed(self.cursor.idx ?? null)] },
      },
      latestData.current,
      element,
    );
    chart.current = plot;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, [theme, props.epochs]);

  // Many batches may arrive between two frames: drawn once.
  useEffect(() => {
    const frame = requestAnimationFrame(() => chart.current?.setData(data));
    return () => cancelAnimationFrame(frame);
  }, [props.batches, props.training, props.validation]);

  const at = (points: { x: number; value: number | null }[]) => {
    const x = pointed === null ? undefined : data[0][pointed];
    const known = points.filter((point) => point.value !== null && (x === undefined || point.x <= x + 1e-9));
    return known.at(-1)?.value ?? null;
  };
  const show = (value: number | null) => (value === null ? '–' : format(value));
  const validation = props.validation.at(-1)?.value ?? null;
  const summary = `${title} over ${props.epochs} epochs. Latest: ${show(props.training.at(-1)?.value ?? props.batches.at(-1)?.value ?? null)} in training${validation === null ? '' : `, ${show(validation)} in validation`}.`;
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <ul class="keys number">
          <li>
            <Key kind="batch" /> batch <b>{show(at(props.batches))}</b>
          </li>
          <li>
            <Key kind="training" /> training <b>{show(at(props.training))}</b>
          </li>
          <li>
            <Key kind="validation" /> validation <b>{show(at(props.validation))}</b>
          </li>
        </ul>
      </figcaption>
      <div ref={holder} class="plot" role="img" aria-label={summary} />
      <p class="axis-name muted" aria-hidden="true">
        epoch
      </p>
    </figure>
  );
}

function Key({ kind }: { kind: 'batch' | 'training' | 'validation' }): VNode {
  return (
    <svg class={`key ${kind}`} viewBox="0 0 22 8" width="22" height="8" aria-hidden="true">
      <path d="M0,4H22" />
      {kind !== 'batch' && <circle cx="11" cy="4" r="2.6" />}
    </svg>
  );
}

/** uPlot wants one axis for all series, with gaps where a series has no point. */
function joined({ batches, training, validation }: ChartProps): [number[], ...(number | null)[][]] {
  const all = [batches, training, validation];
  const xs = [...new Set(all.flatMap((points) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const index = new Map(xs.map((x, position) => [x, position]));
  const columns = all.map((points) => {
    const column: (number | null)[] = new Array(xs.length).fill(null);
    for (const { x, value } of points) column[index.get(x)!] = finite(value);
    return column;
  });
  return [xs, ...columns];
}

/** A loss that became NaN or infinite leaves a gap; the warning says why. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

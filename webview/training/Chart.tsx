/** One measure over the epochs, of one run or of several: lines, and a legend that tells the values under the pointer. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { onThemeChange, themeColor } from '../shared/theme';
import { joined, type Point, valueAt } from './curves';

export interface Line {
  /** In the legend; a line without stands for one that has it, like the noise behind a smoothed line. */
  name?: string;
  points: Point[];
  /** A custom property of the theme, e.g. `--lw-blue`. */
  color: string;
  style: 'line' | 'dashed' | 'noise' | 'points';
}

export interface ChartProps {
  title: string;
  lines: Line[];
  /** What part of the run is seen, in epochs. */
  window: [number, number];
  /** Called with what was dragged over. */
  onZoom: (window: [number, number]) => void;
  /** Accuracy lies between 0 and 1. */
  range?: [number, number];
  isLogarithmic?: boolean;
  height?: number;
  format: (value: number) => string;
  formatTick: (value: number) => string;
  summary: string;
}

export function Chart(props: ChartProps): VNode {
  const { title, lines, format, height = 240, isLogarithmic = false } = props;
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => onThemeChange(() => setTheme((count) => count + 1)), []);

  const data = useMemo(
    () =>
      joined(
        lines.map(({ points }) => points),
        isLogarithmic,
      ),
    [lines, isLogarithmic],
  );
  const latest = useRef({ data, props });
  latest.current = { data, props };

  // What decides how the chart is built; its values may change a hundred times a second.
  const form = JSON.stringify([
    lines.map(({ color, style }) => [color, style]),
    isLogarithmic,
    height,
    theme,
  ]);
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const plot = new uPlot(
      optionsOf(element.clientWidth, height, isLogarithmic, latest, setPointed),
      latest.current.data,
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
  }, [form]);

  // Many batches may arrive between two frames: drawn once.
  const [from, to] = props.window;
  useEffect(() => {
    const frame = requestAnimationFrame(() => chart.current?.setData(data));
    return () => cancelAnimationFrame(frame);
  }, [data, from, to]);

  const x = pointed === null ? null : (data[0][pointed] ?? null);
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <ul class="keys number">
          {lines.map(
            (line) =>
              line.name !== undefined && (
                <li key={line.name}>
                  <Key line={line} /> {line.name} <b>{show(valueAt(line.points, x), format)}</b>
                </li>
              ),
          )}
        </ul>
      </figcaption>
      <div
        ref={holder}
        class="plot"
        style={{ height: `${height}px` }}
        role="img"
        aria-label={props.summary}
      />
      <p class="axis-name muted" aria-hidden="true">
        epoch
      </p>
    </figure>
  );
}

function show(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value);
}

function optionsOf(
  width: number,
  height: number,
  isLogarithmic: boolean,
  latest: { current: { props: ChartProps } },
  onPoint: (index: number | null) => void,
): uPlot.Options {
  const { lines, range } = latest.current.props;
  const grid = themeColor('--lw-grid');
  const axis: uPlot.Axis = {
    stroke: themeColor('--lw-muted'),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
  };
  const vertical: uPlot.Scale = isLogarithmic
    ? { distr: 3 }
    : range
      ? { range }
      : { range: { min: { pad: 0.05, soft: 0, mode: 1 }, max: { pad: 0.1 } } };
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 10, 0, 0],
    cursor: { drag: { x: true, y: false, setScale: false, dist: 6 }, points: { size: 7 } },
    scales: { x: { time: false, range: () => latest.current.props.window }, y: vertical },
    axes: [
      { ...axis, space: 44, size: 30, incrs: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
      {
        ...axis,
        size: 58,
        values: (_, ticks) =>
          // A logarithmic scale has more ticks than room.
          ticks.map((tick) => (tick === null ? '' : latest.current.props.formatTick(tick))),
      },
    ],
    series: [{}, ...lines.map(seriesOf)],
    hooks: {
      setCursor: [(self) => onPoint(self.cursor.idx ?? null)],
      setSelect: [
        (self) => {
          const { left, width: selected } = self.select;
          if (selected < 6) return;
          const window: [number, number] = [self.posToVal(left, 'x'), self.posToVal(left + selected, 'x')];
          self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.props.onZoom(window);
        },
      ],
    },
  };
}

function seriesOf({ color, style }: Line): uPlot.Series {
  const stroke = themeColor(color);
  const points: uPlot.Series.Points = { show: true, size: 6, stroke, fill: themeColor('--lw-background') };
  switch (style) {
    case 'noise':
      return { stroke, width: 1, points: { show: false }, spanGaps: true };
    case 'line':
      return { stroke, width: 2, points: { show: false }, spanGaps: true };
    case 'dashed':
      return { stroke, width: 2.5, dash: [9, 4], spanGaps: true, points };
    case 'points':
      return { stroke, width: 0, paths: () => null, spanGaps: true, points };
  }
}

function Key({ line: { color, style } }: { line: Line }): VNode {
  return (
    <svg
      class={`key ${style}`}
      style={{ stroke: `var(${color})` }}
      viewBox="0 0 22 8"
      width="22"
      height="8"
      aria-hidden="true"
    >
      {style !== 'points' && <path d="M0,4H22" />}
      {(style === 'points' || style === 'dashed') && <circle cx="11" cy="4" r="2.6" />}
    </svg>
  );
}

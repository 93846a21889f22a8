/** How the models grow on the way through: small multiples over the depth, one line for each model. */
import type { VNode } from 'preact';
import type { ComparedLayer } from '../../model-graph/comparison/layers';
import { resolutionOf } from '../../model-graph/comparison/stages';
import { growthOf } from '../../model-graph/comparison/totals';
import { type Columns, columnX } from './geometry';
import type { StageRow } from './StageBars';
import { logScale, shortCount } from './scales';
import { Marker, seriesClass, unheard } from './series';
import { fitted, textWidth } from './text';

interface Point {
  x: number;
  y: number;
}

interface ChartData {
  title: string;
  axis: string;
  lines: Point[][];
  scale: 'log2' | 'linear';
}

export const growthTitle = 'On the way through';
const chartHeight = 190;
const heading = 34;

export function growthHeight(columns: Columns): number {
  return Math.ceil(4 / chartsInRow(columns)) * (chartHeight + 16) + heading;
}

function chartsInRow(columns: Columns): number {
  const width = columnX(columns, columns.count);
  return width >= 980 ? 4 : 2;
}

interface GrowthProps {
  models: readonly ComparedLayer[][];
  rows: readonly StageRow[];
  names: readonly string[];
  columns: Columns;
  y: number;
}

export function Growth({ models, rows, names, columns, y }: GrowthProps): VNode {
  const charts = dataOf(models, rows);
  const perRow = chartsInRow(columns);
  const whole = columnX(columns, columns.count) - 8;
  const width = whole / perRow;
  return (
    <g class="growth" {...unheard}>
      <text class="measure" x={8} y={y + 18}>
        {growthTitle}
      </text>
      {charts.map((chart, index) => (
        <SmallChart
          key={chart.title}
          chart={chart}
          names={names}
          x={8 + (index % perRow) * width}
          y={y + heading + Math.floor(index / perRow) * (chartHeight + 16)}
          width={width - 14}
        />
      ))}
    </g>
  );
}

function dataOf(models: readonly ComparedLayer[][], rows: readonly StageRow[]): ChartData[] {
  const growth = models.map((layers) => {
    const input = layers.find(({ layer }) => layer.kind === 'input');
    return { input, points: growthOf(layers) };
  });
  const known = (points: { x: number; y: number | null }[]): Point[] =>
    points.filter((point): point is Point => point.y !== null && point.y > 0);
  const channels = (layer: ComparedLayer | undefined) =>
    typeof layer?.channels === 'number' ? layer.channels : null;
  return [
    {
      title: 'Receptive field, pixels',
      axis: 'layers with weights',
      scale: 'log2',
      lines: growth.map(({ points }) =>
        known([
          { x: 0, y: 1 },
          // A dense layer sees all there is.
          ...points
            .filter(({ layer }) => layer.layer.kind !== 'dense')
            .map(({ depth, receptiveField }) => ({ x: depth, y: receptiveField })),
        ]),
      ),
    },
    {
      title: 'Size of the maps',
      axis: 'layers with weights',
      scale: 'log2',
      lines: growth.map(({ input, points }) =>
        known([
          { x: 0, y: resolutionOf(input?.spatial ?? null) },
          ...points.map(({ depth, layer }) => ({ x: depth, y: resolutionOf(layer.spatial) })),
        ]),
      ),
    },
    {
      title: 'Channels, units',
      axis: 'layers with weights',
      scale: 'log2',
      lines: growth.map(({ input, points }) =>
        known([
          { x: 0, y: channels(input) },
          ...points.map(({ depth, layer }) => ({ x: depth, y: channels(layer) })),
        ]),
      ),
    },
    {
      title: 'Depth, layers with weights',
      axis: 'stages',
      scale: 'linear',
      lines: models.map((_, model) => {
        const own = rows.flatMap(({ stages }) => stages[model] ?? []);
        return [{ x: 0, y: 0 }, ...own.map(({ depth }, index) => ({ x: index + 1, y: depth }))];
      }),
    },
  ];
}

interface SmallChartProps {
  chart: ChartData;
  names: readonly string[];
  x: number;
  y: number;
  width: number;
}

function SmallChart({ chart, names, x, y, width }: SmallChartProps): VNode {
  const labels = names.map((name) => fitted(name, 74, '11px'));
  const labelRoom = Math.min(84, Math.max(...labels.map((label) => textWidth(label, '11px'))) + 12);
  const [left, right] = [x + 30, x + width - labelRoom];
  const [top, bottom] = [y + 22, y + chartHeight - 30];
  const points = chart.lines.flat();
  const mostX = Math.max(1, ...points.map((point) => point.x));
  const ys = points.map((point) => point.y).filter((value) => value > 0);
  const scale =
    ys.length === 0
      ? { at: () => 0, ticks: [] }
      : chart.scale === 'log2'
        ? logScale(Math.min(...ys), Math.max(...ys), 2)
        : linearTicks(Math.max(...ys));
  const placeX = (value: number) => left + ((right - left) * value) / mostX;
  const placeY = (value: number) => bottom - (bottom - top) * scale.at(value);
  const ends = spread(
    chart.lines.map((line) => (line.length > 0 ? placeY(line.at(-1)!.y) : null)),
    12,
    [top, bottom],
  );
  return (
    <g class="small-chart">
      <text class="chart-title" x={x} y={y + 10}>
        {chart.title}
      </text>
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <path class="tick" d={`M${left},${placeY(tick)}L${right},${placeY(tick)}`} />
          <text class="tick-text" x={left - 5} y={placeY(tick) + 3.5}>
            {shortCount(tick)}
          </text>
        </g>
      ))}
      <path class="axis" d={`M${left},${bottom}L${right},${bottom}`} />
      {wholeTicks(mostX).map((tick) => (
        <text key={tick} class="tick-text middle" x={placeX(tick)} y={bottom + 13}>
          {tick}
        </text>
      ))}
      <text class="tick-text middle" x={(left + right) / 2} y={bottom + 26}>
        {chart.axis}
      </text>
      {chart.lines.map((line, model) => {
        const last = line.at(-1);
        if (!last) return null;
        const end = ends[model]!;
        return (
          <g key={model}>
            <polyline
              class={`line ${seriesClass(model)}`}
              points={line.map((point) => `${placeX(point.x)},${placeY(point.y)}`).join(' ')}
            />
            {line.slice(1).map((point) => (
              <Marker key={point.x} model={model} x={placeX(point.x)} y={placeY(point.y)} scale={0.55} />
            ))}
            <path class="leader" d={`M${placeX(last.x) + 4},${placeY(last.y)}L${right + 6},${end}`} />
            <text class="end" x={right + 9} y={end + 4}>
              {labels[model]}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function linearTicks(most: number): { at(value: number): number; ticks: number[] } {
  const step = niceStep(most / 4);
  const top = Math.ceil(most / step) * step;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
  return { at: (value) => value / top, ticks };
}

function wholeTicks(most: number): number[] {
  const step = Math.max(1, niceStep(most / 5));
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

/** Labels moved apart, as little as is needed, so that none lies on another. */
function spread(
  wanted: readonly (number | null)[],
  distance: number,
  [top, bottom]: [number, number],
): (number | null)[] {
  const order = wanted
    .map((y, index) => ({ y, index }))
    .filter((one): one is { y: number; index: number } => one.y !== null)
    .sort((a, b) => a.y - b.y || a.index - b.index);
  for (let at = 1; at < order.length; at++)
    order[at]!.y = Math.max(order[at]!.y, order[at - 1]!.y + distance);
  const over = (order.at(-1)?.y ?? bottom) - (bottom + 2);
  if (over > 0) {
    let limit = bottom + 2;
    for (const one of [...order].reverse()) {
      one.y = Math.min(one.y, limit);
      limit = one.y - distance;
    }
  }
  const result: (number | null)[] = wanted.map(() => null);
  for (const { y, index } of order) result[index] = Math.max(y, top - 6);
  return result;
}

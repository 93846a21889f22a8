/** Where parameters, work and memory sit: one bar for each stage, a small multiple for each model and measure. */
import type { VNode } from 'preact';
import type { Stage } from '../../model-graph/comparison/stages';
import type { LayerKind } from '../shared/kinds';
import { type Columns, columnX } from './geometry';
import type { BarScale } from './host';
import { resolutionText } from './items';
import { type Scale, scaleFor, shortBytes, shortCount } from './scales';
import { unheard } from './series';
import { fitted, textWidth } from './text';

type Measure = 'params' | 'multiplyAccumulates' | 'activationBytes';

const measures: { measure: Measure; name: string; short: string; text(value: number): string }[] = [
  { measure: 'params', name: 'Parameters', short: 'Parameters', text: shortCount },
  { measure: 'multiplyAccumulates', name: 'Multiply-accumulates', short: 'MACs', text: shortCount },
  { measure: 'activationBytes', name: 'Output memory', short: 'Memory', text: shortBytes },
];

const rowHeight = 17;
const barHeight = 11;
const heading = 24;
const gap = 14;

export interface StageRow {
  stages: (Stage | undefined)[];
  label: string;
}

/** Rows of stages that cost something. */
export function stageRows(aligned: readonly (Stage | undefined)[][]): StageRow[] {
  return aligned
    .filter((stages) => stages.some((stage) => stage && stage.kind !== 'input'))
    .map((stages) => ({ stages, label: labelOf(stages) }));
}

function labelOf(stages: readonly (Stage | undefined)[]): string {
  const present = stages.filter((stage) => stage !== undefined);
  if (present.every(({ kind }) => kind === 'vectors')) return 'vectors';
  const texts = [
    ...new Set(present.filter(({ kind }) => kind === 'maps').map(({ spatial }) => resolutionText(spatial))),
  ];
  return texts.length <= 1
    ? (texts[0] ?? '')
    : `≈ ${mostCommon(present.map(({ spatial }) => resolutionText(spatial)))}`;
}

function mostCommon(texts: readonly string[]): string {
  const count = (text: string) => texts.filter((other) => other === text).length;
  return texts.reduce((best, text) => (count(text) >= count(best) ? text : best));
}

export function stageBarsHeight(rows: readonly StageRow[]): number {
  return measures.length * (heading + rows.length * rowHeight + gap);
}

interface StageBarsProps {
  rows: readonly StageRow[];
  columns: Columns;
  barScale: BarScale;
  y: number;
}

export function StageBars({ rows, columns, barScale, y }: StageBarsProps): VNode {
  const height = heading + rows.length * rowHeight + gap;
  const models = Array.from({ length: columns.count }, (_, model) => model);
  return (
    <g class="stage-bars" {...unheard}>
      {measures.map(({ measure, name, short, text }, index) => {
        const top = y + index * height;
        const costOf = (stage: Stage | undefined) => stage?.[measure] ?? null;
        const values = rows.flatMap(({ stages }) =>
          stages.map(costOf).filter((value) => typeof value === 'number'),
        );
        const shared = barScale === 'share' ? null : scaleFor(barScale, values);
        const title = textWidth(name, '600 12px') > columns.gutter - 10 ? short : name;
        return (
          <g key={measure}>
            <text class="measure" x={8} y={top + 15}>
              {title}
            </text>
            {rows.map((row, at) => (
              <text key={at} class="row-name" x={8} y={top + heading + at * rowHeight + 10}>
                {fitted(row.label, columns.gutter - 14, '11px')}
              </text>
            ))}
            {models.map((model) => {
              const total = rows.reduce((sum, { stages }) => sum + Number(costOf(stages[model]) ?? 0), 0);
              return (
                <ModelBars
                  key={model}
                  cells={rows.map(({ stages }) => ({ value: costOf(stages[model]), stage: stages[model] }))}
                  x={columnX(columns, model) + 4}
                  y={top + heading}
                  width={columns.width - 18}
                  total={total}
                  scale={shared}
                  format={text}
                />
              );
            })}
          </g>
        );
      })}
    </g>
  );
}

interface ModelBarsProps {
  cells: { value: number | string | null; stage: Stage | undefined }[];
  x: number;
  y: number;
  width: number;
  total: number;
  /** Null: parts of the model's total. */
  scale: Scale | null;
  format(value: number): string;
}

function ModelBars({ cells, x, y, width, total, scale, format }: ModelBarsProps): VNode {
  // Room for the value behind the longest bar.
  const room = Math.max(40, width - 100);
  return (
    <g>
      {scale?.ticks.map((tick) => {
        const at = x + room * scale.at(tick);
        return (
          <path key={tick} class="tick" d={`M${at},${y - 3}L${at},${y + cells.length * rowHeight - 3}`} />
        );
      })}
      <path class="axis" d={`M${x},${y - 3}L${x},${y + cells.length * rowHeight - 3}`} />
      {cells.map(({ value, stage }, index) => {
        if (!stage) return null;
        const top = y + index * rowHeight;
        const number = typeof value === 'number' ? value : 0;
        const length = room * (scale ? scale.at(number) : total > 0 ? number / total : 0);
        const share = total > 0 ? (100 * number) / total : 0;
        const shareText = shareOf(share);
        const text = typeof value !== 'number' ? '?' : number === 0 ? '0' : format(number);
        return (
          <g key={index}>
            {number > 0 && (
              <rect
                class={`stage-bar kind-${mainKind(stage)}`}
                x={x}
                y={top}
                width={Math.max(1, length)}
                height={barHeight}
              />
            )}
            <text class="bar-value" x={x + Math.max(1, length) + 5} y={top + 10}>
              {text}
            </text>
            {number > 0 && (
              <text
                class={share >= 50 ? 'bar-share most' : 'bar-share'}
                x={x + Math.max(1, length) + 12 + textWidth(text, '11px')}
                y={top + 10}
              >
                {shareText}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

/** Never `100 %` or `0 %` for what is not quite so. */
function shareOf(percent: number): string {
  if (percent >= 99.95) return percent === 100 ? '100 %' : '>99.9 %';
  if (percent < 0.05) return '<0.1 %';
  return percent >= 9.95 && percent < 99.5 ? `${Math.round(percent)} %` : `${percent.toFixed(1)} %`;
}

/** The kind that most of the stage's work is done by. */
function mainKind({ layers, kind }: Stage): LayerKind {
  const work = new Map<LayerKind, number>();
  for (const { layer, multiplyAccumulates } of layers) {
    const own = typeof multiplyAccumulates === 'number' ? multiplyAccumulates : 0;
    work.set(layer.kind, (work.get(layer.kind) ?? 0) + own);
  }
  const [most] = [...work].sort(([, a], [, b]) => b - a);
  return most && most[1] > 0 ? most[0] : kind === 'vectors' ? 'dense' : 'convolution';
}

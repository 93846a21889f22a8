/** What each model comes to, in rows, with how it stands to the one it is compared with. */
import type { VNode } from 'preact';
import type { ComparedTotals } from '../../model-graph/comparison/totals';
import { formatBytes, formatCount } from '../shared/format';
import { type Columns, columnX } from './geometry';
import type { ModelMarks } from './marks';
import { ratioText, scaleFor, shortCount, spansOrders } from './scales';
import { seriesClass, unheard } from './series';
import { fitted, textWidth } from './text';

export interface TotalRow {
  name: string;
  short: string;
  value(totals: ComparedTotals): number | string | null;
  text(totals: ComparedTotals): string;
}

export const totalRows: TotalRow[] = [
  {
    name: 'Parameters',
    short: 'Params',
    value: ({ params }) => params,
    text: ({ params }) => formatCount(params),
  },
  {
    name: 'Multiply-accumulates',
    short: 'MACs',
    value: ({ multiplyAccumulates }) => multiplyAccumulates,
    text: ({ multiplyAccumulates }) => formatCount(multiplyAccumulates),
  },
  {
    name: 'Output memory',
    short: 'Memory',
    value: ({ activationBytes }) => activationBytes,
    text: ({ activationBytes }) => formatBytes(activationBytes),
  },
  {
    name: 'Depth',
    short: 'Depth',
    value: ({ depth }) => depth,
    text: ({ depth }) => formatCount(depth),
  },
  {
    name: 'Receptive field',
    short: 'Field',
    value: ({ receptiveField }) => receptiveField,
    text: ({ receptiveField }) =>
      receptiveField === null ? '?' : `${formatCount(receptiveField)}×${formatCount(receptiveField)}`,
  },
  {
    name: 'Layers',
    short: 'Layers',
    value: ({ layers }) => layers,
    text: ({ layers }) => formatCount(layers),
  },
];

/** Digits that are cut off would be another number. */
function shortTextOf(value: number | string | null, full: string): string {
  return typeof value === 'number' && value >= 1000 && /^[\d,]+$/.test(full) ? shortCount(value) : full;
}

const rowHeight = 25;

export function totalsHeight(): number {
  return totalRows.length * rowHeight + 8;
}

interface TotalsPictureProps {
  totals: readonly ComparedTotals[];
  marks: readonly ModelMarks[];
  columns: Columns;
  y: number;
}

export function TotalsPicture({ totals, marks, columns, y }: TotalsPictureProps): VNode {
  const right = columnX(columns, columns.count);
  return (
    <g class="totals-picture" {...unheard}>
      {totalRows.map((row, index) => {
        const top = y + index * rowHeight;
        const values = totals.map((one) => row.value(one));
        const numbers = values.filter((value) => typeof value === 'number');
        const isLog = spansOrders(numbers);
        const scale = scaleFor(isLog ? 'log' : 'linear', numbers);
        const ratios = totals.map((_, model) => {
          const { reference } = marks[model]!;
          return reference === undefined ? '' : ratioText(values[model], values[reference]);
        });
        const roomOf = (model: number) =>
          columns.width - 16 - (ratios[model] ? textWidth(ratios[model], '11px') + 6 : 0);
        // All of a row with all their digits, or none: they are there to be compared.
        const isWhole = totals.every((one, model) => textWidth(row.text(one), '600 13px') <= roomOf(model));
        const name = textWidth(row.name, '11px') > columns.gutter - 36 ? row.short : row.name;
        return (
          <g key={row.name}>
            <path class="rule" d={`M${0},${top}L${right},${top}`} />
            <text class="row-name" x={8} y={top + 16}>
              {name}
            </text>
            {isLog && (
              <text class="scale-name" x={columns.gutter - 6} y={top + 22}>
                log
              </text>
            )}
            {totals.map((one, model) => {
              const x = columnX(columns, model);
              const value = values[model] ?? null;
              const ratio = ratios[model];
              const full = row.text(one);
              return (
                <g key={model}>
                  <text class="value" x={x + 4} y={top + 16}>
                    {isWhole ? full : fitted(shortTextOf(value, full), roomOf(model), '600 13px')}
                  </text>
                  {ratio && (
                    <text class="ratio" x={x + columns.width - 12} y={top + 16}>
                      {ratio}
                    </text>
                  )}
                  {typeof value === 'number' && value > 0 && (
                    <rect
                      class={`total-bar ${seriesClass(model)}`}
                      x={x + 4}
                      y={top + 20}
                      width={Math.max(1, (columns.width - 16) * scale.at(value))}
                      height={2.5}
                    />
                  )}
                </g>
              );
            })}
          </g>
        );
      })}
      <path
        class="rule"
        d={`M${0},${y + totalRows.length * rowHeight}L${right},${y + totalRows.length * rowHeight}`}
      />
    </g>
  );
}

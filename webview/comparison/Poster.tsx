/** The whole picture: totals, layers, where the cost sits, how the models grow. On the screen and, with heads, exported. */
import type { Ref, VNode } from 'preact';
import type { ComparedLayer } from '../../model-graph/comparison/layers';
import type { ComparedTotals } from '../../model-graph/comparison/totals';
import { Growth, growthHeight } from './Growth';
import { type Columns, columnX, isTight, type LayersGeometry } from './geometry';
import type { BarScale } from './host';
import { LayersPicture, type PictureState } from './LayersPicture';
import type { ModelMarks } from './marks';
import { summaryOf } from './marks';
import { StageBars, type StageRow, stageBarsHeight } from './StageBars';
import { Marker } from './series';
import { TotalsPicture, totalsHeight } from './TotalsPicture';
import { fitted } from './text';

export interface PosterContent {
  models: readonly ComparedLayer[][];
  names: readonly string[];
  origins: readonly string[];
  totals: readonly ComparedTotals[];
  marks: readonly ModelMarks[];
  geometry: LayersGeometry;
  stageRows: readonly StageRow[];
  columns: Columns;
  barScale: BarScale;
}

const headHeight = 62;
const legendHeight = 30;
const gap = 18;

export interface PosterPlan {
  width: number;
  height: number;
  totals: number;
  layers: number;
  bars: number;
  growth: number;
}

export function planOf({ geometry, columns, stageRows }: PosterContent, withHeads: boolean): PosterPlan {
  const totals = withHeads ? headHeight : 4;
  const layers = totals + totalsHeight() + legendHeight;
  const bars = layers + geometry.height + gap;
  const growth = bars + stageBarsHeight(stageRows) + gap;
  return {
    width: columnX(columns, columns.count) + 8,
    height: growth + growthHeight(columns) + 8,
    totals,
    layers,
    bars,
    growth,
  };
}

/** SVG has no element for it. */
const group = { role: 'group' } as const;

interface PosterProps {
  content: PosterContent;
  state: PictureState;
  plan: PosterPlan;
  withHeads?: boolean;
  picture?: Ref<SVGSVGElement>;
}

export function Poster({ content, state, plan, withHeads = false, picture }: PosterProps): VNode {
  const { columns, geometry, marks, names, origins } = content;
  return (
    <svg
      ref={picture}
      class={`picture comparison-picture${isTight(columns) ? ' tight' : ''}`}
      width={plan.width}
      height={plan.height}
      viewBox={`0 0 ${plan.width} ${plan.height}`}
      {...group}
      aria-label={`Comparison of ${names.join(', ')}`}
    >
      {withHeads && (
        <g class="heads">
          {names.map((name, model) => {
            const x = columnX(columns, model) + 4;
            const room = columns.width - 16;
            return (
              <g key={model}>
                <Marker model={model} x={x + 6} y={14} />
                <text class="head-name" x={x + 17} y={19}>
                  {fitted(name, room - 18, '600 15px')}
                </text>
                <text class="head-origin" x={x} y={37}>
                  {fitted(origins[model]!, room, '11px')}
                </text>
                <text class="head-origin" x={x} y={52}>
                  {marks[model]!.reference === undefined
                    ? ''
                    : fitted(summaryOf(marks[model]!), room, '11px')}
                </text>
              </g>
            );
          })}
        </g>
      )}
      <TotalsPicture totals={content.totals} marks={marks} columns={columns} y={plan.totals} />
      <text class="measure" x={8} y={plan.layers - 8}>
        Layers
      </text>
      <text class="legend-text" x={columns.gutter + 4} y={plan.layers - 8}>
        {fitted(
          'to one scale: width is the size of the maps, height the channels (logarithmic); vectors are rows of units',
          plan.width - columns.gutter - 12,
          '11px',
        )}
      </text>
      <LayersPicture
        geometry={geometry}
        columns={columns}
        marks={marks}
        names={names}
        state={state}
        y={plan.layers}
      />
      <StageBars rows={content.stageRows} columns={columns} barScale={content.barScale} y={plan.bars} />
      <Growth
        models={content.models}
        rows={content.stageRows}
        names={names}
        columns={columns}
        y={plan.growth}
      />
    </svg>
  );
}

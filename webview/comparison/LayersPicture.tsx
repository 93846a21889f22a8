/** Every model as a column of bars to one common scale, what differs marked. */
import type { VNode } from 'preact';
import type { Difference } from '../../model-graph/comparison/compare';
import { formatBytes, formatCount, formatShape } from '../shared/format';
import { kindNames } from '../shared/kinds';
import type { Columns, LayersGeometry, PlacedItem } from './geometry';
import { columnX, isTight, labelRoom, labelStart } from './geometry';
import { type DrawnItem, resolutionText, shortTitleOf } from './items';
import { changeLines, differenceNames, type ModelMarks } from './marks';
import { unheard } from './series';
import { fitted } from './text';

export interface PictureState {
  /** `<model> <key>` of an item. */
  selected: string | null;
  focusable: string | null;
  /** Of the row that is pointed at. */
  pointed: string | null;
}

export function itemId({ model, key }: Pick<DrawnItem, 'model' | 'key'>): string {
  return `${model} ${key}`;
}

/** The whole title where there is room, else the part of it that says most. */
function labelOf(item: Pick<DrawnItem, 'title' | 'kind'>, columns: Columns): string {
  const [room, font] = [labelRoom(columns), isTight(columns) ? '11px' : '12px'];
  const whole = fitted(item.title, room, font);
  return whole === item.title ? whole : fitted(shortTitleOf(item), room, font);
}

interface LayersPictureProps {
  geometry: LayersGeometry;
  columns: Columns;
  marks: readonly ModelMarks[];
  names: readonly string[];
  state: PictureState;
  y: number;
}

export function LayersPicture({ geometry, columns, marks, names, state, y }: LayersPictureProps): VNode {
  const right = columnX(columns, columns.count);
  const place = `translate(0,${y})`;
  const hasStages = geometry.bands.some(({ band }) => band.stages.length > 0);
  return (
    <>
      <g class="backdrop" transform={place} {...unheard}>
        {hasStages &&
          geometry.bands
            .filter((_, index) => index % 2 === 1)
            .map(({ band, y: top, height }) => (
              <rect
                key={band.key}
                class="band"
                x={columns.gutter}
                y={top}
                width={right - columns.gutter}
                height={height}
              />
            ))}
        {geometry.funnels.map(({ points, isLine }, index) => {
          const text = points.map((point) => point.join()).join(' ');
          return isLine ? (
            <polyline key={index} class="skip" points={text} />
          ) : (
            <polygon key={index} class="funnel" points={text} />
          );
        })}
        {geometry.arcs.map(({ from, to, reach }, index) => (
          <path
            key={index}
            class="skip"
            d={`M${from.join()}C${reach},${from[1]} ${reach},${to[1]} ${to.join()}`}
          />
        ))}
        {geometry.bands.flatMap(({ band, sizes }) =>
          sizes.map(({ x, y: top, text }) => (
            <text key={`${band.key} ${x}`} class="size" x={x} y={top}>
              {text}
            </text>
          )),
        )}
      </g>
      {geometry.gaps.map((gap) => {
        return (
          <g key={`gap ${gap.model} ${gap.y}`} class="gap removed" transform={place}>
            <title>{`${gap.title}: removed`}</title>
            <rect x={gap.centre - gap.width / 2} y={gap.y} width={gap.width} height={gap.height} rx="1.5" />
            <Sign difference="removed" x={labelStart(columns, gap.model) - 11} y={gap.y + gap.height / 2} />
            <text class="label missing" x={labelStart(columns, gap.model)} y={gap.y + gap.height / 2 + 4}>
              {labelOf(gap, columns)}
            </text>
          </g>
        );
      })}
      {geometry.items.map((placed) => (
        <Bar
          key={itemId(placed.item)}
          placed={placed}
          columns={columns}
          marks={marks[placed.item.model]!}
          names={names}
          state={state}
          place={place}
        />
      ))}
    </>
  );
}

interface BarProps {
  placed: PlacedItem;
  columns: Columns;
  marks: ModelMarks;
  names: readonly string[];
  state: PictureState;
  place: string;
}

function Bar({ placed, columns, marks, names, state, place }: BarProps): VNode {
  const { item, x, y, width, height } = placed;
  const id = itemId(item);
  const difference = placed.isMarked ? differenceOf(item, marks) : 'same';
  const left = columnX(columns, item.model);
  const middle = y + height / 2;
  const classes = ['layer', `kind-${item.kind}`, difference];
  if (item.isThin) classes.push('thin');
  if (item.foldKey !== null) classes.push('folded');
  if (!placed.sizesKnown) classes.push('unknown-size');
  if (id === state.selected) classes.push('selected');
  if (id === state.pointed) classes.push('pointed');
  const label = labelOf(item, columns);
  const showsLabel = !item.isThin || placed.isMarked;
  return (
    <g
      class={classes.join(' ')}
      transform={place}
      data-item={id}
      {...button(describe(item, label, marks, names), id === state.selected)}
      tabindex={id === state.focusable ? 0 : -1}
    >
      <rect
        class="hit"
        x={left + 1}
        y={placed.rowTop}
        width={columns.width - 4}
        height={placed.rowHeight}
        rx="3"
      />
      {placed.isVector ? (
        <VectorBar x={x} y={y} width={width} height={height} />
      ) : (
        <rect class="face" x={x} y={y} width={width} height={height} rx={Math.min(1.5, width / 3)} />
      )}
      {difference !== 'same' && difference !== 'renamed' && (
        <rect class="outline" x={x - 2.5} y={y - 2.5} width={width + 5} height={height + 5} rx="3" />
      )}
      {difference !== 'same' && <Sign difference={difference} x={placed.labelX - 11} y={middle} />}
      {showsLabel && (
        <text class="label" x={placed.labelX} y={middle + 4}>
          {label}
        </text>
      )}
    </g>
  );
}

/** SVG has no element for it. */
const button = (label: string, isPressed: boolean) =>
  ({ role: 'button', 'aria-label': label, 'aria-pressed': isPressed }) as const;

/** A vector is a row of units. */
function VectorBar({ x, y, width, height }: { x: number; y: number; width: number; height: number }): VNode {
  const count = Math.max(1, Math.round(width / 6));
  const step = width / count;
  const ticks = Array.from({ length: count - 1 }, (_, index) => `M${x + (index + 1) * step},${y}v${height}`);
  return (
    <>
      <rect class="face" x={x} y={y} width={width} height={height} rx="1.5" />
      <path class="ticks" d={ticks.join('')} />
    </>
  );
}

const signs: Partial<Record<Difference, string>> = {
  added: 'M-3.5,0H3.5M0,-3.5V3.5',
  removed: 'M-3.5,0H3.5',
  changed: 'M-4,1C-2.5,-2.5 -1.2,-2.5 0,0C1.2,2.5 2.5,2.5 4,-1',
  resized: 'M0,-4V4M-2.2,-1.8L0,-4L2.2,-1.8M-2.2,1.8L0,4L2.2,1.8',
  renamed: 'M-3.5,-3.5H3.5M0,-3.5V4',
};

/** A sign in a box of its own colour and border: any one of the three is enough. */
export function Sign({ difference, x, y }: { difference: Difference; x: number; y: number }): VNode {
  return (
    <g class={`sign ${difference}`} transform={`translate(${x},${y})`}>
      <rect x="-6.5" y="-6.5" width="13" height="13" rx="3" />
      <path d={signs[difference] ?? ''} />
    </g>
  );
}

/** Of a folded item: what happened to most. */
export function differenceOf(item: DrawnItem, { byLayer }: ModelMarks): Difference {
  const found = item.members.map(({ key }) => byLayer.get(key)?.difference ?? 'same');
  for (const difference of ['changed', 'added', 'resized', 'renamed'] as const) {
    if (found.includes(difference)) return difference;
  }
  return 'same';
}

/** What a listener must hear, beginning with what can be seen. */
function describe(item: DrawnItem, seen: string, marks: ModelMarks, names: readonly string[]): string {
  const [layer] = item.members;
  const facts = seen === item.title ? [seen] : [seen, item.title];
  if (item.members.length > 1) facts.push(`${item.members.length} layers, closed`);
  else if (layer) {
    facts.push(layer.layer.name, kindNames[item.kind], formatShape(layer.shape));
    if (layer.params !== 0) facts.push(`${formatCount(layer.params)} parameters`);
    if (layer.multiplyAccumulates !== 0)
      facts.push(`${formatCount(layer.multiplyAccumulates)} multiply-accumulates`);
  }
  facts.push(`in ${names[item.model]}`);
  const difference = layer && marks.isRelated ? marks.byLayer.get(layer.key) : undefined;
  if (difference && difference.difference !== 'same') {
    facts.push(`${differenceNames[difference.difference]} against ${names[marks.reference!]}`);
    facts.push(...changeLines(difference));
  }
  return facts.join(', ');
}

/** What the pointer tells of an item. */
export function factsOf({ members, spatial, channels }: DrawnItem): [string, string][] {
  const [layer] = members;
  if (!layer) return [];
  if (members.length > 1)
    return [['Output', `${resolutionText(spatial)} ${formatShape([null, channels])}`.trim()]];
  return [
    ['Output', formatShape(layer.shape)],
    ['Parameters', formatCount(layer.params)],
    ['Multiply-accumulates', formatCount(layer.multiplyAccumulates)],
    ['Output memory', formatBytes(layer.activationBytes)],
    ['Sees', layer.receptiveField === null ? '?' : `${layer.receptiveField} × ${layer.receptiveField}`],
  ];
}

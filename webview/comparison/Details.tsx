/** One row of the comparison: what each model has there, property by property, with what differs marked. */
import type { VNode } from 'preact';
import type { ComparedLayer } from '../../model-graph/comparison/layers';
import { settingsOf } from '../../model-graph/comparison/settings';
import { Button } from '../shared/controls';
import { formatBytes, formatCount, formatShape, formatSizes, plural } from '../shared/format';
import { Icon } from '../shared/icons';
import { kindNames } from '../shared/kinds';
import type { DrawnItem } from './items';
import { Sign } from './LayersPicture';
import { changeLines, differenceNames, type ModelMarks } from './marks';
import { Marker } from './series';

interface DetailsProps {
  item: DrawnItem;
  /** What stands in the same row of the comparison, one for each model. */
  row: readonly (ComparedLayer | undefined)[];
  marks: ModelMarks;
  names: readonly string[];
  onReveal: (model: number, layer: ComparedLayer) => void;
  onOpen: (foldKey: string) => void;
  onClose: () => void;
}

const mostMembers = 60;

export function Details({ item, row, marks, names, onReveal, onOpen, onClose }: DetailsProps): VNode {
  const [layer] = item.members;
  const isFolded = item.foldKey !== null;
  const difference = layer && !isFolded && marks.isRelated ? marks.byLayer.get(layer.key) : undefined;
  const title = isFolded ? item.title : layer!.layer.name;
  const present = row.flatMap((one, model) => (one ? [{ layer: one, model }] : []));
  return (
    <aside class="details" aria-label={`Details of ${title}`}>
      <header>
        <div>
          <h2>{title}</h2>
          <p class={`muted kind-name kind-${item.kind}`}>
            <span class="swatch" />
            {isFolded
              ? plural(item.members.length, 'layer')
              : `${layer!.layer.className} · ${kindNames[item.kind]}`}
          </p>
        </div>
        <Button appearance="icon" label="Close details" onClick={onClose}>
          <Icon name="close" />
        </Button>
      </header>
      {difference && difference.difference !== 'same' && (
        <section class="difference">
          <p class="difference-name">
            <svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true">
              <Sign difference={difference.difference} x={0} y={0} />
            </svg>
            {differenceNames[difference.difference]} against {names[marks.reference!]}
          </p>
          <ul>
            {changeLines(difference).map((line) => (
              <li class="code" key={line}>
                {line}
              </li>
            ))}
          </ul>
        </section>
      )}
      {isFolded ? (
        <>
          <Button onClick={() => onOpen(item.foldKey!)}>Show these layers</Button>
          <table class="data">
            <tbody>
              {item.members.slice(0, mostMembers).map((member) => (
                <tr key={member.key}>
                  <th scope="row">{member.layer.name}</th>
                  <td>{formatShape(member.shape)}</td>
                  <td class="right">{formatCount(member.params)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {item.members.length > mostMembers && (
            <p class="muted">… and {plural(item.members.length - mostMembers, 'more layer')}</p>
          )}
        </>
      ) : (
        <Configurations present={present} names={names} />
      )}
      {!isFolded &&
        present
          .filter(({ layer: { layer } }) => layer.location)
          .map(({ layer: one, model }) => (
            <p key={model}>
              <Button onClick={() => onReveal(model, one)}>Show in the source of {names[model]}</Button>
            </p>
          ))}
    </aside>
  );
}

interface Present {
  layer: ComparedLayer;
  model: number;
}

function Configurations({
  present,
  names,
}: {
  present: readonly Present[];
  names: readonly string[];
}): VNode {
  const settings = present.map(({ layer }) => settingsOf(layer.layer));
  const properties = [...new Set(settings.flatMap((one) => [...one.keys()]))];
  const facts: [string, (layer: ComparedLayer) => string][] = [
    ['class', ({ layer }) => layer.className],
    ['name', ({ layer }) => layer.name],
    ['output', ({ shape }) => formatShape(shape)],
    ['parameters', ({ params }) => formatCount(params)],
    ['multiply-accumulates', ({ multiplyAccumulates }) => formatCount(multiplyAccumulates)],
    ['output memory', ({ activationBytes }) => formatBytes(activationBytes)],
    ['receptive field', ({ layer, call }) => fieldText(layer.calls[call]?.receptiveField?.size)],
  ];
  const rows: [string, string[]][] = [
    ...properties.map((property): [string, string[]] => [
      property,
      settings.map((one) => one.get(property) ?? 'default'),
    ]),
    ...facts.map(([name, text]): [string, string[]] => [name, present.map(({ layer }) => text(layer))]),
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls on its own, so it must be reachable by keyboard.
    <section class="configurations" tabIndex={0} aria-label="Configurations side by side">
      <table class="data">
        <thead>
          <tr>
            <th scope="col">Property</th>
            {present.map(({ model }) => (
              <th scope="col" key={model}>
                <svg viewBox="-7 -7 14 14" width="11" height="11" aria-hidden="true">
                  <Marker model={model} x={0} y={0} />
                </svg>{' '}
                {names[model]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, values]) => {
            const differs = new Set(values).size > 1;
            return (
              <tr key={name} class={differs ? 'differs' : undefined}>
                <th scope="row">
                  {differs && <span class="visually-hidden">differs: </span>}
                  {name}
                </th>
                {values.map((value, index) => (
                  <td key={present[index]!.model}>{value}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function fieldText(size: readonly (number | string | null)[] | undefined): string {
  return size && size.length > 0 ? formatSizes([...size]) : '?';
}

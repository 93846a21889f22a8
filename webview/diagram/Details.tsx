/** Everything known of one layer. */
import type { ComponentChildren, VNode } from 'preact';
import { layerInsights } from '../../model-graph/insights';
import type { WireDim, WireModelGraph } from '../../protocol/modelGraph';
import { Button } from '../shared/controls';
import { formatBytes, formatCount, formatDim, formatShape, formatSizes, plural } from '../shared/format';
import { Icon } from '../shared/icons';
import { kindNames } from '../shared/kinds';
import { Channels } from './picture/Channels';
import type { PictureStore } from './picture/store';
import type { Item } from './scene';

export interface DetailsProps {
  item: Item;
  /** The model that is drawn. */
  model: WireModelGraph;
  /** Null: no picture fills the drawing. */
  pictures: PictureStore | null;
  onReveal: () => void;
  onFold: (key: string) => void;
  onClose: () => void;
}

export function Details({ item, model, pictures, onReveal, onFold, onClose }: DetailsProps): VNode {
  const { layer } = item;
  const name = layer?.name ?? item.title;
  const use = layer?.calls[item.call];
  const field = use?.receptiveField;
  const insights = layer ? layerInsights(layer, model.layers.includes(layer) ? model : undefined) : [];
  return (
    <aside class={`details kind-${item.kind}`} aria-label={`Details of ${name}`}>
      <header>
        <div>
          <h2>{name}</h2>
          <p class="muted kind-name">
            <span class="swatch" />
            {layer
              ? `${layer.className} · ${kindNames[item.kind]}`
              : item.members.length > 0
                ? item.subtitle
                : item.kind === 'input'
                  ? 'What the model is given'
                  : 'What the analysis could not follow'}
          </p>
        </div>
        <Button appearance="icon" label="Close details" onClick={onClose}>
          <Icon name="close" />
        </Button>
      </header>

      <p class="flow-shapes code">
        {layer && <>{(use?.inputShapes ?? []).map(formatShape).join(', ') || '?'} → </>}
        <strong>{item.shapeText}</strong>
      </p>

      {item.reason && (
        <p class="notice warning">
          <Icon name="warning" />
          <span>Unknown: {item.reason}</span>
        </p>
      )}
      {item.problems.map((problem) => (
        <p class={`notice ${problem.severity}`} key={problem.message}>
          <Icon name={problem.severity} />
          <span>{problem.message}</span>
        </p>
      ))}

      {pictures && <Channels pictures={pictures} outputKey={item.outputKey} />}

      {item.members.length > 0 && (
        <>
          <dl class="facts">
            <Fact name="Parameters">{formatCount(item.cost.params)}</Fact>
            <Fact name="Multiply-accumulates">{formatCount(item.cost.multiplyAccumulates)}</Fact>
            <Fact name="Outputs">{formatBytes(item.cost.activationBytes)} as float32</Fact>
          </dl>
          <section>
            <h3>Inside</h3>
            <table class="data">
              <tbody>
                {item.members.slice(0, mostMembers).map((inner) => (
                  <tr key={inner.key}>
                    <th scope="row">{inner.title}</th>
                    <td>{inner.shapeText}</td>
                    <td class="right">{formatCount(inner.cost.params)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {item.members.length > mostMembers && (
              <p class="muted">… and {plural(item.members.length - mostMembers, 'more layer')}</p>
            )}
          </section>
        </>
      )}

      {item.foldKey !== null && (
        <Button onClick={() => onFold(item.foldKey!)} class="reveal">
          {item.members.length > 0 ? 'Unfold' : 'Open in the drawing'}
        </Button>
      )}

      {layer && (
        <dl class="facts">
          <Fact name="Parameters">
            {formatCount(layer.params)}
            {layer.trainableParams !== null && layer.trainableParams !== layer.params && (
              <span class="muted"> ({formatCount(layer.trainableParams)} trainable)</span>
            )}
          </Fact>
          <Fact name="Multiply-accumulates">{formatCount(use?.multiplyAccumulates)}</Fact>
          <Fact name="Output">{formatBytes(use?.activationBytes ?? null)} as float32</Fact>
          {field && (
            <Fact name="Receptive field">
              {formatSizes(field.size)}
              <span class="muted">
                {field.stride.every((step) => step === 0)
                  ? ', all of the input'
                  : `, stride ${same(field.stride)}, begins at ${same(field.offset)}`}
              </span>
            </Fact>
          )}
          {use?.receptiveFieldUnknown !== undefined && (
            <Fact name="Receptive field">
              <span class="muted">unknown, because {use.receptiveFieldUnknown}</span>
            </Fact>
          )}
          {layer.calls.length > 1 && <Fact name="Shared">called {layer.calls.length} times</Fact>}
        </dl>
      )}

      {use && use.derivation.length > 0 && (
        <section>
          <h3>How the size comes about</h3>
          {use.derivation.map((line) => (
            <p class="code derivation" key={line}>
              {line}
            </p>
          ))}
        </section>
      )}

      {insights.length > 0 && (
        <section>
          <h3>In words</h3>
          {insights.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </section>
      )}

      {layer && layer.weights.length > 0 && (
        <section>
          <h3>Weights</h3>
          <table class="data">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Shape</th>
                <th scope="col" class="right">
                  Values
                </th>
              </tr>
            </thead>
            <tbody>
              {layer.weights.map((weight) => (
                <tr key={weight.name}>
                  <th scope="row">
                    {weight.name}
                    {!weight.trainable && <span class="muted"> (fixed)</span>}
                  </th>
                  <td>{formatSizes(weight.shape)}</td>
                  <td class="right">{formatCount(sizeOf(weight.shape))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}

      {layer && Object.keys(layer.config).length > 0 && (
        <section>
          <h3>Configuration</h3>
          <dl class="config code">
            {Object.entries(layer.config).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{plain(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}

      {layer?.nested && (
        <section>
          <h3>
            Inside: {plural(layer.nested.layers.length, 'layer')}, {formatCount(layer.nested.totals.params)}{' '}
            params
          </h3>
          <table class="data">
            <tbody>
              {layer.nested.layers.map((inner) => (
                <tr key={inner.id}>
                  <th scope="row">{inner.name}</th>
                  <td>{formatShape(inner.calls[0]?.outputShapes[0])}</td>
                  <td class="right">{formatCount(inner.params)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}

      {layer?.location && (
        <Button onClick={onReveal} class="reveal">
          Show in source
        </Button>
      )}
    </aside>
  );
}

/** A folded item may stand for thousands. */
const mostMembers = 40;

function Fact({ name, children }: { name: string; children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** `4` when all axes agree, else `4×2`. */
function same(values: readonly WireDim[]): string {
  return new Set(values).size === 1 ? formatDim(values[0] ?? null) : values.map(formatDim).join(', ');
}

function sizeOf(shape: readonly WireDim[]): number | string {
  return shape.every((dim) => typeof dim === 'number')
    ? shape.reduce<number>((product, dim) => product * Number(dim), 1)
    : shape.map(formatDim).join('·');
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${name}: ${plain(inner)}`)
      .join(', ')}}`;
  }
  return String(value);
}

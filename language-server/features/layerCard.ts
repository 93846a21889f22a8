/** The card that a hover and a hint's tooltip show of a layer, as Markdown. */
import { formatExactCount, formatShape, isSymbolic, product, type Quantity } from '../../model-graph/dims';
import type { LayerNode, ModelGraph, ReceptiveField } from '../../model-graph/graph';
import { layerInsights } from '../../model-graph/insights';
import type { LayerSite } from '../analysis/analyze';
import { callerGroup } from '../analysis/callers';
import type { Observation } from '../analysis/observe';

const maximumInstances = 12;

/** `models` are those of the document: what share of its model a layer has is said, too. */
export function layerCard(site: LayerSite, models: readonly ModelGraph[]): string {
  const first = site.layers[0]!;
  const parts = [oneLayer(first, models)];
  const rest = site.layers.slice(1);
  if (rest.length > 0) {
    parts.push(
      `---\n\n**Created ${site.layers.length} times here**\n\n${[first, ...rest].slice(0, maximumInstances).map(instanceLine).join('\n')}` +
        (site.layers.length > maximumInstances ? `\n- … ${site.layers.length - maximumInstances} more` : ''),
    );
  }
  if (site.alternatives.length > 0) {
    parts.push(
      `---\n\n**Depends on a condition that is not known; otherwise**\n\n${site.alternatives.slice(0, maximumInstances).map(instanceLine).join('\n')}`,
    );
  }
  return parts.join('\n\n');
}

function oneLayer(layer: LayerNode, models: readonly ModelGraph[]): string {
  const lines = [`**${plainText(layer.className)}** ${code(layer.name)}`];
  const call = layer.calls[0];
  if (call) {
    const from = call.inputShapes.map((shape) => formatShape(shape, { batch: false })).join(', ');
    const to = call.outputShapes.map((shape) => formatShape(shape, { batch: false })).join(', ');
    lines.push(code([from, to || '?'].filter(Boolean).join(' → ')));
    if (call.derivation.length > 0) lines.push(call.derivation.map(code).join('  \n'));
  }
  const caller = callerOf(layer);
  if (caller) lines.push(`As called in ${code(caller)}`);
  if (layer.verdict.kind === 'lost') lines.push(`Unknown: ${plainText(layer.verdict.reason)}.`);
  if (layer.weights.length > 0) {
    lines.push(
      [
        '| weight | shape | parameters |',
        '| :-- | :-- | --: |',
        ...layer.weights.map((weight) => {
          const count = product(weight.shape);
          const frozen = layer.trainable && weight.trainable ? '' : ' (not trainable)';
          return `| ${plainText(weight.name)}${frozen} | ${formatShape(weight.shape)} | ${count === null ? '?' : formatExactCount(count)} |`;
        }),
      ].join('\n'),
    );
  }
  lines.push(
    [
      ['Parameters', count(layer.params)],
      ['Multiply-accumulates', count(call?.multiplyAccumulates ?? null)],
      ['Receptive field', call?.receptiveField ? receptiveFieldText(call.receptiveField) : undefined],
    ]
      .filter((row): row is [string, string] => row[1] !== undefined)
      .map(([name, value]) => `${name}: **${value}**`)
      .join('  \n'),
  );
  const model = models.find(({ layers }) => layers.includes(layer));
  const insights = layerInsights(layer, model);
  if (insights.length > 0) lines.push(insights.map((one) => `- ${plainText(one)}`).join('\n'));
  return lines.join('\n\n');
}

function instanceLine(layer: LayerNode): string {
  const shapes = layer.calls[0]?.outputShapes ?? [];
  const shape = shapes.map((one) => formatShape(one, { batch: false })).join(', ') || '?';
  const within = layer.groups.findLast(({ id, kind }) => kind === 'function' && !id.startsWith(callerGroup));
  const caller = callerOf(layer);
  return `- ${code(layer.name)}: ${code(shape)}, ${count(layer.params) ?? '?'} parameters${within ? `, in ${code(within.label)}` : ''}${caller ? `, as called in ${code(caller)}` : ''}`;
}

/** The call in another file that a builder is shown with: `train.ts:12`. */
function callerOf(layer: LayerNode): string | undefined {
  return layer.groups.find(({ id }) => id.startsWith(callerGroup))?.label;
}

export function modelCard(model: ModelGraph): string {
  const { totals } = model;
  return [
    `**${plainText(model.name)}** (${model.kind} model, ${model.layers.length} layers)`,
    code(`${shapes(model.inputShapes)} → ${shapes(model.outputShapes)}`),
    model.verdict.kind === 'lost' ? `Not all of it is known: ${plainText(model.verdict.reason)}.` : '',
    [
      `Parameters: **${count(totals.params) ?? '?'}**`,
      `Trainable: **${count(totals.trainableParams) ?? '?'}**`,
      `Multiply-accumulates: **${count(totals.multiplyAccumulates) ?? '?'}**`,
    ].join('  \n'),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** What a name holds: a tensor's shape, a layer's or a model's card. */
export function observationCard(name: string, observation: Observation): string {
  switch (observation.kind) {
    case 'layer':
      return oneLayer(observation.layer, []);
    case 'model':
      return modelCard(observation.model);
    case 'data':
      return `${code(name)}: a tensor of shape ${code(observation.shape ? formatShape(observation.shape) : '?')}`;
    case 'tensor': {
      const { shape, lost, layer } = observation;
      if (!shape)
        return `${code(name)}: a tensor of unknown shape${lost ? `: ${plainText(lost.reason)}` : ''}.`;
      return `${code(name)}: ${code(formatShape(shape, { batch: false }))}, put out by ${code(layer)}`;
    }
  }
}

function shapes(list: ModelGraph['inputShapes']): string {
  return list.map((shape) => formatShape(shape, { batch: false })).join(', ') || '?';
}

function count(quantity: Quantity | null): string | undefined {
  if (quantity === null) return undefined;
  return isSymbolic(quantity) ? code(String(quantity)) : formatExactCount(quantity);
}

function receptiveFieldText({ size, stride, every }: ReceptiveField): string {
  const by = (dims: ReceptiveField['size']) => dims.map((dim) => String(dim ?? '?')).join('×');
  // A dense layer, a flattening: there is one cell, and it sees everything.
  const isWhole = stride.every((step) => step === 0);
  if (isWhole) return `${by(size)}, all of the input`;
  // Where cells were made larger, several in a row see the same.
  return `${by(size)}, a step of ${by(stride)}${every ? ` every ${by(every)} cells` : ''}`;
}

/** Names come from the program; Markdown must not read them as its own. */
function plainText(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>()#+!|&~]/g, '\\$&');
}

/** Text as code, whatever it holds: between more backticks than it has in a row. Links in a card may start commands. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const runs = (line.match(/`+/g) ?? []).map(({ length }) => length);
  const fence = '`'.repeat(Math.max(0, ...runs) + 1);
  return runs.length === 0 ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}

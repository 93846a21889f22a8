/** A model as a table in the manner of `model.summary()`. */
import { formatExactCount, formatShape, type Quantity } from '../model-graph/dims';
import type { ModelGraph } from '../model-graph/graph';

export function modelTable(model: ModelGraph): string {
  const header = ['Layer (type)', 'Output shape', 'Parameters', 'Multiply-accumulates', 'Receptive field'];
  const rows = model.layers.map((layer) => {
    const call = layer.calls[0];
    const shapes = call?.outputShapes ?? [];
    return [
      `${layer.name} (${layer.className})`,
      shapes.map((shape) => formatShape(shape, { batch: model.format === 'onnx' })).join(', ') ||
        `? (${lostReason(layer.verdict)})`,
      count(layer.params),
      count(call?.multiplyAccumulates ?? null),
      call?.receptiveField?.size.map((dim) => String(dim ?? '?')).join('×') ?? '',
    ];
  });
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((total, width) => total + width + 2, -2));
  const { totals } = model;
  return [
    `${model.name} (${model.kind})`,
    line(header),
    rule,
    ...rows.map(line),
    rule,
    `Total parameters: ${count(totals.params)} (trainable ${count(totals.trainableParams)}, non-trainable ${count(totals.nonTrainableParams)})`,
    `Multiply-accumulates: ${count(totals.multiplyAccumulates)}`,
  ].join('\n');
}

function lostReason(verdict: ModelGraph['verdict']): string {
  return verdict.kind === 'lost' ? verdict.reason : 'unknown';
}

function count(quantity: Quantity | null): string {
  return quantity === null ? '?' : formatExactCount(quantity);
}

/** The drawing's text alternative: the same facts, one row a layer. Always in the page; shown on demand. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { WireModelGraph } from '../../protocol/modelGraph';
import { Button } from '../shared/controls';
import { formatCount, formatShape } from '../shared/format';

/** Ten thousand rows at once would delay the drawing by a second. */
const page = 500;

export function LayerTable({ graph, visible }: { graph: WireModelGraph; visible: boolean }): VNode {
  const [shown, setShown] = useState(page);
  const rest = graph.layers.length - shown;
  return (
    // Scrolls on its own, so it must be reachable by keyboard; when hidden it must not be.
    <section
      class={visible ? 'layer-table' : 'layer-table visually-hidden'}
      tabIndex={visible ? 0 : undefined}
      aria-label="Layers as a table"
    >
      <table class="data">
        <caption>
          {graph.name}: {formatCount(graph.totals.params)} parameters,{' '}
          {formatCount(graph.totals.multiplyAccumulates)} multiply-accumulates
        </caption>
        <thead>
          <tr>
            <th scope="col">Layer</th>
            <th scope="col">Class</th>
            <th scope="col">Output</th>
            <th scope="col" class="right">
              Parameters
            </th>
            <th scope="col" class="right">
              Multiply-accumulates
            </th>
            <th scope="col">Receptive field</th>
          </tr>
        </thead>
        <tbody>
          {graph.layers.slice(0, shown).map((layer) => {
            const use = layer.calls[0];
            const field = use?.receptiveField?.size;
            return (
              <tr key={layer.id}>
                <th scope="row">{layer.name}</th>
                <td>{layer.className}</td>
                <td>
                  {use && use.outputShapes.length > 0 ? use.outputShapes.map(formatShape).join(', ') : '?'}
                  {layer.verdict.kind === 'lost' && ` (${layer.verdict.reason})`}
                </td>
                <td class="right">{formatCount(layer.params)}</td>
                <td class="right">{formatCount(use?.multiplyAccumulates)}</td>
                <td>
                  {field
                    ? field.map((size) => String(size ?? '?')).join('×')
                    : use?.receptiveFieldUnknown === undefined
                      ? '–'
                      : `unknown, because ${use.receptiveFieldUnknown}`}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {rest > 0 && (
        <p>
          {formatCount(rest)} more layers.{' '}
          {visible && (
            <Button onClick={() => setShown(shown + 4 * page)}>
              {`Show ${formatCount(Math.min(rest, 4 * page))} more`}
            </Button>
          )}
        </p>
      )}
    </section>
  );
}

/** The drawing's text alternative: the same facts, one row a layer. Always in the page; shown on demand. */
import type { VNode } from 'preact';
import type { WireModelGraph } from '../../protocol/modelGraph';
import { formatCount, formatShape } from '../shared/format';

export function LayerTable({ graph, visible }: { graph: WireModelGraph; visible: boolean }): VNode {
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
          {graph.layers.map((layer) => {
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
                <td>{field ? field.map((size) => String(size ?? '?')).join('×') : '–'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** A layer's channels in numbers: the text alternative of its maps. */
import type { VNode } from 'preact';
import type { LayerActivationSummary } from '../../../protocol/sidecar';
import { formatPercent, formatValue } from '../../shared/format';
import { isDead, type MapStatistics } from '../../shared/maps';

interface ChannelTableProps {
  layer: LayerActivationSummary;
  statistics: readonly MapStatistics[];
  order: readonly number[];
}

export function ChannelTable({ layer, statistics, order }: ChannelTableProps): VNode {
  return (
    <table class="data channel-table">
      <caption>Channels of {layer.name} for this picture</caption>
      <thead>
        <tr>
          {['Channel', 'Least', 'Most', 'Mean', 'Strength (mean |value|)', 'Zeros', ''].map((title) => (
            <th key={title} scope="col" class={title ? 'right' : ''}>
              {title || <span class="visually-hidden">Remark</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {order.map((map) => {
          const of = statistics[map]!;
          return (
            <tr key={map}>
              <th scope="row" class="right">
                {map}
              </th>
              <td class="right">{formatValue(of.min)}</td>
              <td class="right">{formatValue(of.max)}</td>
              <td class="right">{formatValue(of.mean)}</td>
              <td class="right">{formatValue(of.strength)}</td>
              <td class="right">{formatPercent(of.zeros)}</td>
              <td>{isDead(of) ? 'dead' : of.broken > 0 ? `${of.broken} broken` : ''}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

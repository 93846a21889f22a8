/** How the layers do: which learn, which are dead, in numbers and in words. */
import type { VNode } from 'preact';
import type { LayerHealth } from '../../protocol/sidecar';
import { formatCount, formatPercent, formatValue } from '../shared/format';
import { Icon } from '../shared/icons';
import type { Progress } from './progress';

/** A step that changes more of the weights than this makes training jump; less than that, and it stands still. */
const healthyUpdates = { most: 0.05, least: 1e-5 };
/** Units that put out zero whatever they see learn nothing any more. */
const manyDead = 0.4;

/** In plain words; null for a layer that does well. */
export function concernOf({ broken, deadUnits = 0, updateRatio }: LayerHealth): string | null {
  if (broken) return 'A weight is NaN or infinite: lower the learning rate';
  if (deadUnits >= manyDead)
    return `${formatPercent(deadUnits, 0)} of its units are dead: lower the learning rate, or try another activation`;
  if (updateRatio === undefined) return null;
  if (updateRatio > healthyUpdates.most) return 'Changes fast: the learning rate may be too high';
  if (updateRatio < healthyUpdates.least) return 'Hardly changes: the learning rate may be too low';
  return null;
}

export function Health({ health }: { health: Progress['health'] }): VNode | null {
  if (!health) return null;
  const number = (value: number | undefined) => (value === undefined ? '–' : formatValue(value));
  const percent = (value: number | undefined) => (value === undefined ? '–' : formatPercent(value));
  const concerns = health.layers.filter((layer) => concernOf(layer) !== null).length;
  return (
    <details class="health" open={concerns > 0}>
      <summary>
        <h2>Health of the layers</h2>
        <span class="muted">
          {concerns === 0 ? 'all do well' : `${concerns} of ${health.layers.length} need a look`}
          {`, epoch ${health.epoch}, batch ${formatCount(health.batch)}`}
        </span>
      </summary>
      {/* Scrolls sideways in a narrow panel, so it must be reachable by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: as said. */}
      <section class="scrolling" aria-label="Table of layers" tabIndex={0}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th scope="col" class="right" title="Euclidean norm of all its weights">
                Weights
              </th>
              <th scope="col" class="right" title="What one step changes, as a share of the weights">
                Change per step
              </th>
              <th scope="col" class="right" title="Units that put out zero for every example looked at">
                Dead units
              </th>
              <th scope="col" class="right" title="Share of zeros among its outputs">
                Zeros
              </th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {health.layers.map((layer) => {
              const concern = concernOf(layer);
              return (
                <tr key={layer.layer}>
                  <th scope="row" class="code">
                    {layer.layer}
                  </th>
                  <td class="right">{number(layer.weightNorm)}</td>
                  <td class="right">
                    {layer.updateRatio === undefined ? '–' : formatPercent(layer.updateRatio, 3)}
                  </td>
                  <td class="right">{percent(layer.deadUnits)}</td>
                  <td class="right">{percent(layer.zeros)}</td>
                  <td class={concern === null ? 'verdict well' : 'verdict'}>
                    <Icon name={concern === null ? 'check' : 'warning'} />
                    <span>{concern ?? 'does well'}</span>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </details>
  );
}

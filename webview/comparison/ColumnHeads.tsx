/** Above each column: which model, from where, how it differs, and what can be done with it. */
import type { VNode } from 'preact';
import type { ComparedModel } from '../../protocol/webview';
import { Button } from '../shared/controls';
import { Icon } from '../shared/icons';
import type { Columns } from './geometry';
import type { ComparisonHost } from './host';
import { type ModelMarks, summaryOf } from './marks';
import { Marker } from './series';
import type { KnownModel } from './view';

interface ColumnHeadsProps {
  host: ComparisonHost;
  /** All that are compared; those that cannot be read stand elsewhere. */
  all: readonly ComparedModel[];
  shown: readonly KnownModel[];
  marks: readonly ModelMarks[];
  columns: Columns;
  /** No two alike. */
  names: readonly string[];
}

export function ColumnHeads({ host, all, shown, marks, columns, names }: ColumnHeadsProps): VNode {
  return (
    <div class="heads-row" style={{ paddingInlineStart: `${columns.gutter}px` }}>
      {shown.map((model, index) => {
        const { key, origin, detail, hasRevisions } = model;
        const name = names[index]!;
        const at = all.findIndex((one) => one.key === key);
        const own = marks[index]!;
        return (
          <section class="head" key={key} style={{ width: `${columns.width}px` }} aria-label={name}>
            <h2>
              <svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true">
                <Marker model={index} x={0} y={0} />
              </svg>
              <span title={name}>{model.name}</span>
            </h2>
            <p class="muted origin" title={detail}>
              {origin}
            </p>
            <p class="summary">
              {own.reference !== undefined && (
                <>
                  <span class="visually-hidden">Against {names[own.reference]}: </span>
                  {summaryOf(own)}
                </>
              )}
            </p>
            <div class="head-actions">
              <Button
                appearance="icon"
                label={`Move ${name} to the left`}
                disabled={at === 0}
                onClick={() => host.post({ type: 'moveModel', key, to: at - 1 })}
              >
                <Icon name="previous" />
              </Button>
              <Button
                appearance="icon"
                label={`Move ${name} to the right`}
                disabled={at === all.length - 1}
                onClick={() => host.post({ type: 'moveModel', key, to: at + 1 })}
              >
                <Icon name="next" />
              </Button>
              {hasRevisions && (
                <Button
                  appearance="icon"
                  label={`Compare ${name} with an earlier revision`}
                  onClick={() => host.post({ type: 'addRevision', key })}
                >
                  <Icon name="history" />
                </Button>
              )}
              <Button
                appearance="icon"
                label={`Take ${name} out of the comparison`}
                onClick={() => host.post({ type: 'removeModel', key })}
              >
                <Icon name="close" />
              </Button>
            </div>
          </section>
        );
      })}
    </div>
  );
}

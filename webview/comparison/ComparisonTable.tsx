/** The picture's text alternative: totals, stages and layers as tables. Always in the page; shown on demand. */
import type { VNode } from 'preact';
import type { ComparedLayer } from '../../model-graph/comparison/layers';
import { formatBytes, formatCount, formatShape, plural } from '../shared/format';
import { notationOf } from './items';
import { changeLines, differenceNames, type ModelMarks } from './marks';
import type { StageRow } from './StageBars';
import { ratioText } from './scales';
import { totalRows } from './TotalsPicture';
import type { Compared } from './view';

interface ComparisonTableProps {
  content: Compared;
  marks: readonly ModelMarks[];
  names: readonly string[];
  stageRows: readonly StageRow[];
  visible: boolean;
}

/** A browser lays out so many rows without being felt. */
const mostRows = 3000;

export function ComparisonTable({ content, marks, names, stageRows, visible }: ComparisonTableProps): VNode {
  const { comparison, totals } = content;
  const rows = comparison.rows.slice(0, mostRows);
  return (
    <section
      class={visible ? 'tables' : 'tables visually-hidden'}
      // Scrolls on its own, so it must be reachable by keyboard; when hidden it must not be.
      tabIndex={visible ? 0 : undefined}
      aria-label="The comparison as tables"
    >
      <table class="data totals-table">
        <caption>Totals</caption>
        <Head first="" names={names} />
        <tbody>
          {totalRows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              {totals.map((one, model) => {
                const reference = marks[model]!.reference;
                const ratio =
                  reference === undefined ? '' : ratioText(row.value(one), row.value(totals[reference]!));
                return (
                  <td key={model}>
                    {row.text(one)}
                    {ratio && ratio !== '=' && <span class="muted"> {ratio}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <table class="data stages-table">
        <caption>Stages: parameters, multiply-accumulates, output memory</caption>
        <Head first="Stage" names={names} />
        <tbody>
          {stageRows.map(({ label, stages }, index) => (
            <tr key={index}>
              <th scope="row">{label}</th>
              {stages.map((stage, model) => (
                <td key={model}>
                  {stage
                    ? `${formatCount(stage.params)} · ${formatCount(stage.multiplyAccumulates)} · ${formatBytes(stage.activationBytes)}`
                    : '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <table class="data layers-table">
        <caption>
          Layers: output, parameters, multiply-accumulates, receptive field
          {rows.length < comparison.rows.length &&
            ` (the first ${formatCount(mostRows)} of ${plural(comparison.rows.length, 'row')})`}
        </caption>
        <Head first="Row" names={names} />
        <tbody>
          {rows.map(({ layers }, index) => (
            <tr key={index}>
              <th scope="row">{index + 1}</th>
              {layers.map((layer, model) => (
                <Cell key={model} layer={layer} marks={marks[model]!} names={names} row={index} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Head({ first, names }: { first: string; names: readonly string[] }): VNode {
  return (
    <thead>
      <tr>
        {first ? <th scope="col">{first}</th> : <td />}
        {names.map((name, model) => (
          <th scope="col" key={model}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface CellProps {
  layer: ComparedLayer | undefined;
  marks: ModelMarks;
  names: readonly string[];
  row: number;
}

function Cell({ layer, marks, names, row }: CellProps): VNode {
  const difference = marks.rows[row];
  const says = difference && difference.difference !== 'same' ? differenceNames[difference.difference] : '';
  const against = says ? `${says} against ${names[marks.reference!]}` : '';
  if (!layer) return <td>{against || '–'}</td>;
  const { multiplyAccumulates, params, receptiveField } = layer;
  return (
    <td>
      <div>
        {notationOf(layer)} → {formatShape(layer.shape)}
      </div>
      <div class="muted">
        {formatCount(params)} · {formatCount(multiplyAccumulates)} · {receptiveField ?? '–'}
      </div>
      {difference && says && (
        <div class="changes">{[against, ...(marks.isRelated ? changeLines(difference) : [])].join('; ')}</div>
      )}
    </td>
  );
}

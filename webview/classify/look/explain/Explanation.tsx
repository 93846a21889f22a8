/** How a cell of a layer's output came about, by the kind of its layer. */
import type { VNode } from 'preact';
import type { ExplainCellResult } from '../../../../protocol/sidecar';
import { formatValue } from '../../../shared/format';
import { Icon } from '../../../shared/icons';
import type { CellAddress } from '../lookState';
import { Convolution } from './Convolution';
import { Dense } from './Dense';
import { Pooling } from './Pooling';
import { Result } from './Result';
import { SoftmaxTerms } from './SoftmaxTerms';
import type { ExplanationProps } from './types';

interface Props {
  cell: CellAddress;
  explanation: ExplainCellResult;
  onWalk: (cell: CellAddress) => void;
}

export function Explanation({ cell, explanation, onWalk }: Props): VNode {
  switch (explanation.kind) {
    case 'convolution':
      return <Convolution cell={cell} explanation={explanation} onWalk={onWalk} />;
    case 'pooling':
      return <Pooling cell={cell} explanation={explanation} onWalk={onWalk} />;
    case 'dense':
      return <Dense cell={cell} explanation={explanation} onWalk={onWalk} />;
    case 'softmax':
      return <Softmax cell={cell} explanation={explanation} onWalk={onWalk} />;
    case 'elementwise':
      return <Elementwise cell={cell} explanation={explanation} onWalk={onWalk} />;
    case 'other':
      return (
        <div class="explanation">
          <p class="notice information">
            <Icon name="information" />
            <span>
              {explanation.reason} Its value is {formatValue(explanation.value)}.
            </span>
          </p>
        </div>
      );
  }
}

function Softmax({ cell, explanation, onWalk }: ExplanationProps<'softmax'>): VNode {
  const { softmax, inputLayer } = explanation;
  return (
    <div class="explanation">
      <SoftmaxTerms
        softmax={softmax}
        asked={cell.index.at(-1) ?? 0}
        isDone
        onPick={(index) => onWalk({ layer: inputLayer, index: cell.index.with(-1, index) })}
      />
      <Result explanation={explanation} isDone />
    </div>
  );
}

function Elementwise({ explanation, onWalk }: ExplanationProps<'elementwise'>): VNode {
  return (
    <div class="explanation">
      <table class="data sums">
        <caption class="visually-hidden">What the value is made of</caption>
        <tbody>
          {explanation.terms.map(({ label, value, from }, i) => (
            <tr key={i}>
              <th scope="row">
                {from ? (
                  <button type="button" class="link" title="Take this one apart" onClick={() => onWalk(from)}>
                    {label}
                    {from.layer && !label.includes(from.layer) && ` of ${from.layer}`}
                  </button>
                ) : (
                  label
                )}
              </th>
              <td class="right number">{formatValue(value)}</td>
              <td />
            </tr>
          ))}
        </tbody>
      </table>
      <Result explanation={explanation} isDone />
    </div>
  );
}

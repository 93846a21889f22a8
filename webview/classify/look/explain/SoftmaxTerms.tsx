/** The exponentials of all scores, and the share that one has of their sum. */
import type { VNode } from 'preact';
import { formatPercent, formatValue } from '../../../shared/format';
import { SumsHead } from './SumsHead';
import type { ExplanationOf } from './types';

interface SoftmaxTermsProps {
  softmax: ExplanationOf<'softmax'>['softmax'];
  asked: number;
  isDone: boolean;
  onPick?: (index: number) => void;
}

export function SoftmaxTerms({ softmax, asked, isDone, onPick }: SoftmaxTermsProps): VNode {
  const { largestScore, total, terms } = softmax;
  const listed = terms.reduce((sum, { exponential }) => sum + exponential, 0);
  const rest = total - listed;
  const row = (exponential: number) => (
    <>
      <td class="right number">{formatValue(exponential)}</td>
      <td class="right number">{formatPercent(exponential / total)}</td>
      <td class="bar-cell">
        <span class="share-track" aria-hidden="true">
          <span class="share-bar" style={{ width: `${(exponential / total) * 100}%` }} />
        </span>
      </td>
    </>
  );
  return (
    <table class={isDone ? 'data sums' : 'data sums pending'}>
      <caption>
        Softmax: e^(score − {formatValue(largestScore)}) of every unit, divided by their sum{' '}
        {formatValue(total)}. The largest score is taken off so that no exponential overflows.
      </caption>
      <SumsHead of="Unit" numbers={['Score', 'Exponential', 'Share']} />
      <tbody>
        {terms.map(({ index, score, exponential }) => (
          <tr key={index} class={index === asked ? 'current' : ''}>
            <th scope="row">
              {onPick ? (
                <button type="button" class="link" title="Take this one apart" onClick={() => onPick(index)}>
                  unit {index}
                </button>
              ) : (
                `unit ${index}`
              )}
            </th>
            <td class="right number">{formatValue(score)}</td>
            {row(exponential)}
          </tr>
        ))}
        {rest > total * 1e-9 && (
          <tr>
            <th scope="row" colSpan={2}>
              all others
            </th>
            {row(rest)}
          </tr>
        )}
        <tr class="total">
          <th scope="row" colSpan={2}>
            sum
          </th>
          <td class="right number">{formatValue(total)}</td>
          <td class="right number">{formatPercent(1)}</td>
          <td />
        </tr>
      </tbody>
    </table>
  );
}

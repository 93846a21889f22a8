/** A dense layer's unit: its strongest contributions, the rest, the bias, the activation. */
import type { VNode } from 'preact';
import { formatValue, plural } from '../../../shared/format';
import { PlayerControls } from './PlayerControls';
import { usePlayer } from './player';
import { Result } from './Result';
import { SignedBar } from './SignedBar';
import { SoftmaxTerms } from './SoftmaxTerms';
import { SumsHead } from './SumsHead';
import { type ExplanationProps, subjectOf } from './types';

export function Dense({ cell, explanation, onWalk }: ExplanationProps<'dense'>): VNode {
  const { contributions, rest, restCount, bias, sum, softmax, inputLayer } = explanation;
  const afterRest = contributions.length + (restCount > 0 ? 1 : 0);
  const player = usePlayer(afterRest + 2, subjectOf(cell));
  const { step } = player;
  const isRestDone = step > contributions.length;
  const isBiasDone = step > afterRest;
  const isAtEnd = step === player.count;
  const running =
    contributions.slice(0, step).reduce((total, { product }) => total + product, 0) +
    (restCount > 0 && isRestDone ? rest : 0) +
    (isBiasDone ? bias : 0);
  const largest = Math.max(Math.abs(contributions[0]?.product ?? 0), Math.abs(rest), Math.abs(bias));
  const prefix = cell.index.slice(0, -1);
  return (
    <div class="explanation">
      <p>
        Every unit of {inputLayer || 'the picture'} times its weight, all summed up: the{' '}
        {plural(contributions.length, 'strongest contribution')} first.
      </p>
      <PlayerControls player={player} />
      <table class="data sums">
        <caption class="visually-hidden">Contributions to unit {cell.index.at(-1)}</caption>
        <SumsHead of="Input" numbers={['Value', '× weight', '= product']} />
        <tbody>
          {contributions.map(({ index, input, weight, product }, i) => (
            <tr key={index} class={i < step ? '' : 'pending'}>
              <th scope="row">
                <button
                  type="button"
                  class="link"
                  title="Take this one apart"
                  onClick={() => onWalk({ layer: inputLayer, index: [...prefix, index] })}
                >
                  unit {index}
                </button>
              </th>
              <td class="right number">{formatValue(input)}</td>
              <td class="right number">{formatValue(weight)}</td>
              <td class="right number">{i < step ? formatValue(product) : '…'}</td>
              <td class="bar-cell">{i < step && <SignedBar value={product} largest={largest} />}</td>
            </tr>
          ))}
          {restCount > 0 && (
            <tr class={isRestDone ? '' : 'pending'}>
              <th scope="row" colSpan={3}>
                {plural(restCount, 'other')}
              </th>
              <td class="right number">{isRestDone ? formatValue(rest) : '…'}</td>
              <td class="bar-cell">{isRestDone && <SignedBar value={rest} largest={largest} />}</td>
            </tr>
          )}
          <tr class={isBiasDone ? '' : 'pending'}>
            <th scope="row" colSpan={3}>
              bias
            </th>
            <td class="right number">{isBiasDone ? formatValue(bias) : '…'}</td>
            <td class="bar-cell">{isBiasDone && <SignedBar value={bias} largest={largest} />}</td>
          </tr>
          <tr class="total">
            <th scope="row" colSpan={3}>
              sum{isBiasDone ? '' : ' so far'}
            </th>
            <td class="right number">{formatValue(isBiasDone ? sum : running)}</td>
            <td />
          </tr>
        </tbody>
      </table>
      {softmax && <SoftmaxTerms softmax={softmax} asked={cell.index.at(-1) ?? 0} isDone={isAtEnd} />}
      <Result explanation={explanation} isDone={isAtEnd} />
    </div>
  );
}

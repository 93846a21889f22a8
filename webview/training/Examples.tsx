/** Examples of the data that the model was wrong about, or that stand behind a cell of the confusion matrix. */
import type { VNode } from 'preact';
import type { JudgedExample } from '../../protocol/sidecar';
import { formatPercent } from '../shared/format';
import { Thumbnail } from './Thumbnail';

/** Each is a button that opens what every layer makes of the picture. */
export function Examples(props: {
  label: string;
  examples: JudgedExample[];
  classNames: string[];
  onOpen: (example: JudgedExample) => void;
}): VNode {
  const { label, examples, classNames, onOpen } = props;
  const name = (index: number) => classNames[index] ?? String(index);
  return (
    <ul class="examples" aria-label={label}>
      {examples.map((example) => {
        const [right, taken] = [name(example.labelIndex), name(example.predictedIndex)];
        const sure = formatPercent(example.probability, 0);
        const isRight = example.labelIndex === example.predictedIndex;
        return (
          <li key={`${example.part} ${example.index}`}>
            <button
              type="button"
              disabled={!example.thumbnail && example.path === undefined}
              title="Show what each layer makes of it"
              onClick={() => onOpen(example)}
            >
              {example.thumbnail ? (
                <Thumbnail picture={example.thumbnail} />
              ) : (
                <span class="thumbnail none">
                  {example.line === undefined ? '–' : `line ${example.line}`}
                </span>
              )}
              <span class="visually-hidden">{`Example ${example.index}: `}</span>
              <span class="caption">
                <b>{right}</b>
                {!isRight && (
                  <>
                    <span class="visually-hidden"> taken for </span>
                    <span aria-hidden="true"> → </span>
                    {taken}
                  </>
                )}
              </span>
              <span class="muted number">{sure}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Asks for the sizes of the model that its source leaves open. */
import type { VNode } from 'preact';
import type { TrainingSetup } from '../../protocol/webview';
import { TextField } from '../shared/controls';

/** What was typed, by the names of the sizes. */
export type SizeTexts = Record<string, string>;

const wholeNumber = /^\s*[1-9]\d{0,8}\s*$/;

/** The numbers that were typed; null while one of them is no size. */
export function sizesOf(texts: SizeTexts): Record<string, number> | null {
  const entries = Object.entries(texts);
  if (!entries.every(([, text]) => wholeNumber.test(text))) return null;
  return Object.fromEntries(entries.map(([name, text]) => [name, Number(text)]));
}

export function OpenSizes(props: {
  sizes: TrainingSetup['openSizes'];
  texts: SizeTexts;
  onInput: (name: string, text: string) => void;
}): VNode | null {
  const { sizes, texts, onInput } = props;
  if (sizes.length === 0) return null;
  return (
    <section class="card" aria-label="Sizes of the model">
      <h2>Sizes of the model</h2>
      <p class="muted">The source leaves them open. What the data tells is filled in.</p>
      <div class="fields">
        {sizes.map(({ name, value }) => {
          const text = texts[name] ?? (value === null ? '' : String(value));
          return (
            <TextField
              key={name}
              value={text}
              onInput={(typed) => onInput(name, typed)}
              problem={
                texts[name] !== undefined && !wholeNumber.test(text)
                  ? 'A whole number of at least 1'
                  : undefined
              }
            >
              {name}
            </TextField>
          );
        })}
      </div>
    </section>
  );
}

/** Two answers side by side: of two pictures, of two models, or of a run before and after its training. */
import type { VNode } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { Button, Dropdown, ProgressRing } from '../../../shared/controls';
import { formatPercent, formatSizes, formatValue } from '../../../shared/format';
import { Icon } from '../../../shared/icons';
import type { ClassifyHost } from '../../host';
import type { Shown } from '../../shown';
import { SignedBar } from '../explain/SignedBar';
import { SumsHead } from '../explain/SumsHead';
import type { ChangeLook, LookState } from '../lookState';
import { type MapStore, useMapStore } from '../mapStore';
import { PictureField } from '../PictureField';
import type { Questions } from '../questions';
import { ComparedMaps } from './ComparedMaps';
import type { ComparedAnswer } from './comparison';
import { classDifferences, layerPairs } from './counterparts';

interface CompareProps {
  host: ClassifyHost;
  questions: Questions;
  shown: Shown;
  store: MapStore;
  compared: ComparedAnswer;
  look: LookState;
  onChange: ChangeLook;
}

const classesShown = 8;

export function Compare(props: CompareProps): VNode {
  const { host, shown, compared } = props;
  const start = (what: 'picture' | 'model' | 'untrained') => host.post({ type: 'compareWith', what });
  return (
    <section class="compare" aria-label="Comparison">
      <div class="compare-with">
        <span>Compare with</span>
        <Button onClick={() => start('picture')}>Another picture…</Button>
        <Button onClick={() => start('model')}>Another model…</Button>
        {shown.result.format === 'tfjs' && (
          <Button onClick={() => start('untrained')}>The run before its training</Button>
        )}
        {(compared.kind === 'shown' || compared.kind === 'failed') && (
          <Button onClick={() => host.post({ type: 'stopComparing' })}>Stop comparing</Button>
        )}
      </div>
      {compared.kind === 'working' && (
        <p class="working" role="status">
          <ProgressRing label="Working" />
          {compared.message}
        </p>
      )}
      {compared.kind === 'failed' && (
        <p class="notice error" role="alert">
          <Icon name="error" />
          <span>{compared.message}</span>
        </p>
      )}
      {compared.kind === 'none' && (
        <p class="muted">
          The same layers, side by side, with their differences and those of the class scores.
        </p>
      )}
      {compared.kind === 'shown' && <Compared {...props} other={compared.answer} />}
    </section>
  );
}

type ComparedProps = CompareProps & { other: Extract<ComparedAnswer, { kind: 'shown' }>['answer'] };

function Compared({ questions, shown, store, other, look, onChange }: ComparedProps): VNode {
  const [a, b] = [shown.result, other.result];
  const storeOfB = useMapStore(questions, b.session);
  const pairs = useMemo(() => layerPairs(a.layers, b.layers), [a, b]);
  const pair = pairs.find(({ a: layer }) => layer.name === look.compared) ?? pairs[0];
  useEffect(() => {
    if (!pair) return;
    store.fetch(pair.a.name);
    storeOfB.fetch(pair.b.name);
  }, [pair?.a.name, pair?.b.name, b.session]);
  const mapsOfA = pair && store.get(pair.a.name);
  const mapsOfB = pair && storeOfB.get(pair.b.name);
  const failure = mapsOfA?.failure ?? mapsOfB?.failure;
  return (
    <>
      <div class="compared-answers">
        <Side letter="A" name={shown.imageName} model={shown.modelName} result={a} />
        <Side letter="B" name={other.imageName} model={other.modelName} result={b} />
        <Classes a={a} b={b} />
      </div>
      {pairs.length === 0 ? (
        <p class="notice information">
          <Icon name="information" />
          <span>
            No layer of the one has the size of one of the other: their maps cannot be laid side by side.
          </span>
        </p>
      ) : (
        <div class="compared-layer">
          <Dropdown
            label="Layer"
            value={pair!.a.name}
            options={pairs.map(({ a: layer, b: partner }) => ({
              value: layer.name,
              text: `${layer.name}${partner.name === layer.name ? '' : ` / ${partner.name}`} ${formatSizes(layer.shape)}`,
            }))}
            onChange={(name) => onChange({ compared: name })}
          />
        </div>
      )}
      {failure !== undefined && (
        <p class="notice error">
          <Icon name="error" />
          <span>{failure}</span>
        </p>
      )}
      {mapsOfA?.activation && mapsOfB?.activation && (
        <ComparedMaps
          name={pair!.a.name}
          a={mapsOfA.activation}
          b={mapsOfB.activation}
          settings={look.maps}
        />
      )}
    </>
  );
}

interface SideProps {
  letter: string;
  name: string;
  model: string;
  result: Shown['result'];
}

function Side({ letter, name, model, result }: SideProps): VNode {
  const [best] = result.classes;
  return (
    <section class="side" aria-label={`${letter}: ${name}`}>
      <h3>
        {letter}: {name}
      </h3>
      <p class="muted">{model}</p>
      <PictureField input={result.input} field={undefined} size={132} isPlain />
      {best && (
        <p>
          {best.label} <span class="number">{formatPercent(best.probability)}</span>
        </p>
      )}
    </section>
  );
}

function Classes({ a, b }: { a: Shown['result']; b: Shown['result'] }): VNode {
  const rows = classDifferences(a, b, classesShown);
  if (!rows) {
    return (
      <p class="notice information">
        <Icon name="information" />
        <span>
          The two know {a.classCount} and {b.classCount} classes: their scores are not of the same things.
        </span>
      </p>
    );
  }
  const score = (value: number) => (Number.isNaN(value) ? '?' : formatPercent(value));
  return (
    <table class="data sums compared-classes">
      <caption>Class scores, and how far B is from A</caption>
      <SumsHead of="Class" numbers={['A', 'B', 'B − A']} />
      <tbody>
        {rows.map(({ label, index, a: ofA, b: ofB }) => (
          <tr key={index}>
            <th scope="row">{label}</th>
            <td class="right number">{score(ofA)}</td>
            <td class="right number">{score(ofB)}</td>
            <td class="right number">
              {Number.isNaN(ofB - ofA) ? '?' : `${formatValue(Number(((ofB - ofA) * 100).toFixed(1)))} pp`}
            </td>
            <td class="bar-cell">
              {!Number.isNaN(ofB - ofA) && <SignedBar value={ofB - ofA} largest={1} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a model would be trained on: how much, which classes, a few samples, and how it goes with the model. */
import type { VNode } from 'preact';
import type { DataMismatch, DescribeDataResult, ExampleDescription } from '../../protocol/sidecar';
import type { TrainingSetup } from '../../protocol/webview';
import { Button, ProgressRing } from '../shared/controls';
import { formatCount, formatValue, plural } from '../shared/format';
import { Icon } from '../shared/icons';
import type { TrainingHost } from './host';
import { Thumbnail } from './Thumbnail';

/** More classes than these are counted, not listed. */
const mostClasses = 20;

export function DataCard({ data, host }: { data: TrainingSetup['data']; host: TrainingHost }): VNode {
  return (
    <section class="card" aria-label="Data">
      <div class="section-head">
        <h2>Data</h2>
        <Button onClick={() => host.post({ type: 'chooseData' })}>Choose other data…</Button>
      </div>
      {data.state === 'reading' && (
        <p class="reading" role="status">
          <ProgressRing label="Reading the data" /> Reading {data.name}…
        </p>
      )}
      {data.state === 'failed' && (
        <div class="notice error" role="alert">
          <Icon name="error" />
          <p>{data.message}</p>
        </div>
      )}
      {data.state === 'known' && <Facts facts={data.facts} host={host} />}
    </section>
  );
}

function Facts({ facts, host }: { facts: DescribeDataResult; host: TrainingHost }): VNode {
  const { description, warnings, samples, target, model } = facts;
  return (
    <>
      <p>{description}</p>
      {model?.mismatches.map((mismatch) => (
        <Mismatch key={mismatch.message} mismatch={mismatch} host={host} />
      ))}
      {warnings.map((warning) => (
        <p class="notice warning" key={warning}>
          <Icon name="warning" />
          <span>{warning}</span>
        </p>
      ))}
      {target.kind === 'classes' && target.classNames.length <= mostClasses ? (
        <Classes facts={facts} classNames={target.classNames} />
      ) : (
        <>
          <p>
            {target.kind === 'classes'
              ? plural(target.classNames.length, 'class').replace('classs', 'classes')
              : `A number is predicted: ${target.name}.`}
          </p>
          <Samples label="Samples" samples={samples.slice(0, 24)} />
        </>
      )}
    </>
  );
}

/** One row a class: its examples as a bar and in numbers, and a few of them. */
function Classes({ facts, classNames }: { facts: DescribeDataResult; classNames: string[] }): VNode {
  const { perClass, samples } = facts;
  const most = Math.max(1, ...perClass.map(({ train }) => train));
  return (
    <table class="data classes">
      <caption class="visually-hidden">Examples of each class</caption>
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col" class="right">
            Training
          </th>
          <td />
          <th scope="col" class="right">
            Validation
          </th>
          <th scope="col" class="right">
            Test
          </th>
          <th scope="col">Samples</th>
        </tr>
      </thead>
      <tbody>
        {classNames.map((name, index) => {
          const counts = perClass[index] ?? { train: 0, validation: 0, test: 0 };
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="right">{formatCount(counts.train)}</td>
              <td class="share">
                <div style={{ width: `${(100 * counts.train) / most}%` }} />
              </td>
              <td class="right">{formatCount(counts.validation)}</td>
              <td class="right">{formatCount(counts.test)}</td>
              <td>
                <Samples
                  label={`Samples of ${name}`}
                  samples={samples.filter(({ label }) => label === name)}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Samples({ label, samples }: { label: string; samples: ExampleDescription[] }): VNode | null {
  if (samples.length === 0) return null;
  return (
    <ul class="samples" aria-label={label}>
      {samples.map((sample) => (
        <li
          key={`${sample.part} ${sample.index}`}
          title={sample.path ?? `${sample.part} example ${sample.index}`}
        >
          {sample.thumbnail ? (
            <>
              <Thumbnail picture={sample.thumbnail} />
              <span class="visually-hidden">{`picture ${sample.index}`}</span>
            </>
          ) : (
            <span class="code">{(sample.values ?? []).slice(0, 6).map(formatValue).join(', ')} …</span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What does not go together, and the way out: done while reading, one number in the source, or other data. */
function Mismatch({ mismatch, host }: { mismatch: DataMismatch; host: TrainingHost }): VNode {
  const { message, fix } = mismatch;
  const level = fix.kind === 'encoding' ? 'information' : 'warning';
  return (
    <div class={`notice ${level}`}>
      <Icon name={level} />
      <div>
        <p>{message}</p>
        {fix.kind === 'none' && <p>{fix.next}</p>}
        {fix.kind === 'source' && (
          <Button
            onClick={() => {
              const { layerId, property, from, to } = fix;
              host.post({ type: 'fixSource', layerId, property, from, to });
            }}
          >{`Change ${fix.property} of ${fix.layer} from ${fix.from} to ${fix.to}`}</Button>
        )}
      </div>
    </div>
  );
}

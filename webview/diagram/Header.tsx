/** Above the drawing: which model, its totals, what is wrong with it. */
import type { VNode } from 'preact';
import type { ToDiagram } from '../../protocol/webview';
import { Button, Dropdown } from '../shared/controls';
import { formatBytes, formatCount, formatShape, plural } from '../shared/format';
import { Icon } from '../shared/icons';
import type { Scene } from './scene';

export type Graphs = Extract<ToDiagram, { type: 'graphs' }>;

export function Empty({ content }: { content: Graphs }): VNode {
  if (content.origin === 'file') {
    return (
      <main class="empty">
        <h1>{content.title} cannot be drawn</h1>
        <p class="notice error" role="alert">
          <Icon name="error" />
          <span>{content.failure ?? 'It holds no model.'}</span>
        </p>
        <p class="muted">
          Layerwise draws .onnx files and model.json files of TensorFlow.js's layers format. The drawing comes
          as soon as the file is one.
        </p>
      </main>
    );
  }
  return (
    <main class="empty">
      <svg viewBox="0 0 96 64" width="120" height="80" aria-hidden="true" class="empty-picture">
        <path d="M8,20h28v28H8ZM14,14h28v28M20,8h28v28M58,14h12v36H58ZM80,22h8v20h-8Z" />
      </svg>
      <h1>No model in this file yet</h1>
      <p class="muted">
        Write <code class="code">tf.sequential()</code> or <code class="code">tf.model(…)</code>
        {content.title ? ` in ${content.title}` : ''} and its architecture appears here as you type.
      </p>
      {content.problems.map((problem) => (
        <p class={`notice ${problem.severity}`} key={problem.message}>
          <Icon name={problem.severity} />
          <span>{problem.message}</span>
        </p>
      ))}
    </main>
  );
}

interface HeaderProps {
  content: Graphs;
  scene: Scene;
  onModel: (id: string) => void;
  onTrain: () => void;
  onCompare: () => void;
  onPicture: () => void;
}

export function Header({ content, scene, onModel, onTrain, onCompare, onPicture }: HeaderProps): VNode {
  const { graph } = scene;
  const { totals } = graph;
  const frozen = totals.nonTrainableParams;
  return (
    <header class="model-header">
      <div class="model-name">
        {content.graphs.length > 1 ? (
          <>
            <h1 class="visually-hidden">{graph.name}</h1>
            <Dropdown
              label="Model"
              value={graph.id}
              options={content.graphs.map(({ id, name }) => ({ value: id, text: name }))}
              onChange={onModel}
            />
          </>
        ) : (
          <h1>{graph.name}</h1>
        )}
        {content.origin === 'program' && <Button onClick={onTrain}>Train…</Button>}
        <Button onClick={onCompare}>Compare…</Button>
        {content.canClassify && <Button onClick={onPicture}>Picture…</Button>}
      </div>
      <dl class="totals number">
        <Total name="parameters" value={formatCount(totals.params)} />
        {frozen !== null && frozen !== 0 && <Total name="of them fixed" value={formatCount(frozen)} />}
        <Total name="multiply-accumulates" value={formatCount(totals.multiplyAccumulates)} />
        <Total name="of outputs" value={formatBytes(totals.activationBytes)} />
        <Total
          name={plural(graph.layers.length, 'layer')}
          value={`${graph.inputShapes.map(formatShape).join(', ') || '?'} → ${graph.outputShapes.map(formatShape).join(', ') || '?'}`}
        />
      </dl>
    </header>
  );
}

function Total({ name, value }: { name: string; value: string }): VNode {
  return (
    <div>
      <dt class="muted">{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface ProblemsProps {
  content: Graphs;
  graphIds: ReadonlySet<string>;
  onSelect: (key: string) => void;
}

/** Problems at a layer of the model shown, and those at no layer at all. */
export function Problems({ content, graphIds, onSelect }: ProblemsProps): VNode | null {
  const shown = content.problems.filter(({ layerId }) => layerId === undefined || graphIds.has(layerId));
  if (shown.length === 0) return null;
  return (
    <ul class="problems" aria-label="Problems">
      {shown.map((problem) => (
        <li class={`notice ${problem.severity}`} key={`${problem.layerId} ${problem.message}`}>
          <Icon name={problem.severity} />
          <span>
            <span class="visually-hidden">{problem.severity}: </span>
            {problem.message}
            {problem.layerId !== undefined && (
              <button type="button" class="link" onClick={() => onSelect(problem.layerId!)}>
                Show layer
              </button>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

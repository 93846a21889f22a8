/** Which model classifies, and how to choose another. */
import type { VNode } from 'preact';
import { memoryText } from '../../model-graph/trainingMemory';
import type { ClassifyModel } from '../../protocol/webview';
import { Button } from '../shared/controls';
import type { ClassifyHost } from './host';

export function Header({ host, model }: { host: ClassifyHost; model: ClassifyModel | null }): VNode {
  return (
    <header class="run-header">
      <div>
        <h1>{model ? model.name : 'Classify pictures'}</h1>
        <p class="muted">{model ? describe(model) : 'Choose a trained model first.'}</p>
      </div>
      <div class="actions">
        <Button
          appearance={model ? 'secondary' : 'primary'}
          onClick={() => host.post({ type: 'chooseModel' })}
        >
          Choose model…
        </Button>
      </div>
    </header>
  );
}

function describe({ detail, ownEncoding, format, backend, memory }: ClassifyModel): string {
  const { height, width, channels } = ownEncoding;
  const takes = `takes ${height}×${width} ${channels === 1 ? 'grey' : 'colour'}`;
  const holds = memory
    ? `memory: weights ${memoryText(memory.weights)}, layers’ outputs ${memoryText(memory.activations)}`
    : '';
  return [detail, takes, format === 'onnx' ? 'ONNX' : 'TensorFlow.js', backend, holds]
    .filter(Boolean)
    .join(' · ');
}

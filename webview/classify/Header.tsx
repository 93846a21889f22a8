/** Which picture, which model, and how to choose others. */
import type { VNode } from 'preact';
import { Button } from '../shared/controls';
import type { ClassifyHost } from './host';
import type { Shown } from './shown';

export function Header({ host, shown }: { host: ClassifyHost; shown: Shown | null }): VNode {
  return (
    <header class="run-header">
      <div>
        <h1>{shown ? shown.imageName : 'Classify an image'}</h1>
        <p class="muted">
          {shown ? `${shown.modelName} · ${shown.result.backend}` : 'Choose a picture and a trained model.'}
        </p>
      </div>
      <div class="actions">
        <Button
          appearance={shown ? 'secondary' : 'primary'}
          onClick={() => host.post({ type: 'chooseImage' })}
        >
          Choose image…
        </Button>
        <Button onClick={() => host.post({ type: 'chooseModel' })}>Choose model…</Button>
      </div>
    </header>
  );
}

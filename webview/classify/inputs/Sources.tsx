/** The ways in which pictures come. */
import type { VNode } from 'preact';
import { Button } from '../../shared/controls';
import type { ClassifyHost } from '../host';

interface SourcesProps {
  host: ClassifyHost;
  /** Data that examples come from. */
  examplesOf: string | undefined;
  /** There is a model to classify with. */
  ready: boolean;
  hasPictures: boolean;
  onPaste: () => void;
  onDraw: () => void;
}

export function Sources({ host, examplesOf, ready, hasPictures, onPaste, onDraw }: SourcesProps): VNode {
  return (
    <div class="sources">
      <fieldset class="source-buttons">
        <legend class="visually-hidden">Add pictures</legend>
        <Button
          appearance={hasPictures || !ready ? 'secondary' : 'primary'}
          onClick={() => host.post({ type: 'choosePictures', what: 'files' })}
        >
          Open pictures…
        </Button>
        <Button onClick={() => host.post({ type: 'choosePictures', what: 'folder' })}>Open folder…</Button>
        <Button onClick={onPaste}>Paste</Button>
        <Button disabled={!ready} onClick={onDraw}>
          Draw
        </Button>
        {examplesOf !== undefined && (
          <>
            <Button onClick={() => host.post({ type: 'example', how: 'next' })}>Next example</Button>
            <Button onClick={() => host.post({ type: 'example', how: 'random' })}>Random example</Button>
          </>
        )}
      </fieldset>
      <p class="muted">
        Or drop pictures anywhere here (from VS Code’s Explorer with Shift held), or press Ctrl+V.
        {examplesOf !== undefined && ` Examples are ${examplesOf}.`}
      </p>
    </div>
  );
}

import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { z } from 'zod';
import { classification } from '../../protocol/sidecar';
import type { FromClassify, ToClassify } from '../../protocol/webview';
import { Button, ProgressRing } from '../shared/controls';
import { formatCount, formatPercent } from '../shared/format';
import type { Host } from '../shared/host';
import { Icon } from '../shared/icons';
import { Enlarged } from './Enlarged';
import { type EnlargedMap, LayerMaps } from './LayerMaps';
import { type Activation, decodeBase64, paintPicture } from './maps';
import { PixelCanvas } from './PixelCanvas';

export type ClassifyHost = Host<ToClassify, FromClassify>;

export const savedResult = z.object({ imageName: z.string(), modelName: z.string(), result: classification });
export type Shown = z.infer<typeof savedResult>;

type Status = { kind: 'idle' } | { kind: 'working'; message: string } | { kind: 'failed'; message: string };

export function App({ host, saved }: { host: ClassifyHost; saved: Shown | undefined }): VNode {
  const [shown, setShown] = useState<Shown | null>(saved ?? null);
  const [status, setStatus] = useState<Status>({ kind: 'idle' });
  const [activations, setActivations] = useState<ReadonlyMap<string, Activation>>(new Map());
  const [enlarged, setEnlarged] = useState<EnlargedMap | null>(null);

  useEffect(() => {
    let session = saved?.result.session;
    host.listen((message) => {
      switch (message.type) {
        case 'working':
        case 'failed':
          setStatus({ kind: message.type, message: message.message });
          return;
        case 'result': {
          const { imageName, modelName, result } = message;
          session = result.session;
          setStatus({ kind: 'idle' });
          setActivations(new Map());
          setEnlarged(null);
          setShown({ imageName, modelName, result });
          host.saveState({ imageName, modelName, result } satisfies Shown);
          return;
        }
        case 'activation': {
          // An answer to a question about an earlier picture.
          if (message.session !== session) return;
          const shape = message.shape.map(Number);
          const activation = { shape, values: new Float32Array(message.data) };
          setActivations((known) => new Map(known).set(message.layer, activation));
        }
      }
    });
  }, [host]);

  const session = shown?.result.session;
  const fetchActivation = useCallback(
    (layer: string) => session !== undefined && host.post({ type: 'fetchActivation', session, layer }),
    [host, session],
  );

  return (
    <main class="classify">
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
      <div class="live" aria-live="polite">
        {status.kind === 'working' && (
          <p class="working">
            <ProgressRing label="Working" />
            {status.message}
          </p>
        )}
        {status.kind === 'failed' && (
          <p class="notice error">
            <Icon name="error" />
            <span>{status.message}</span>
          </p>
        )}
      </div>
      {shown && (
        <>
          <div class="answer">
            <Picture shown={shown} />
            <Classes shown={shown} />
          </div>
          <section class="layers" key={shown.result.session} aria-label="What each layer saw">
            <h2>What each layer saw</h2>
            <p class="muted intro">
              Every map is one channel. Dark is the layer's lowest value, yellow its highest; point to read a
              value, click to enlarge.
            </p>
            {shown.result.layers.map((layer) => (
              <LayerSection
                key={layer.name}
                layer={layer}
                activation={activations.get(layer.name)}
                fetchActivation={fetchActivation}
                onEnlarge={setEnlarged}
              />
            ))}
          </section>
        </>
      )}
      {enlarged && (
        <Enlarged
          shown={enlarged}
          onMap={(map) => setEnlarged({ ...enlarged, map })}
          onClose={() => setEnlarged(null)}
        />
      )}
    </main>
  );
}

interface LayerSectionProps {
  layer: Shown['result']['layers'][number];
  activation: Activation | undefined;
  fetchActivation: (layer: string) => void;
  onEnlarge: (map: EnlargedMap) => void;
}

function LayerSection({ layer, activation, fetchActivation, onEnlarge }: LayerSectionProps): VNode {
  const onVisible = useCallback(() => fetchActivation(layer.name), [fetchActivation, layer.name]);
  return <LayerMaps layer={layer} activation={activation} onVisible={onVisible} onEnlarge={onEnlarge} />;
}

function Picture({ shown }: { shown: Shown }): VNode {
  const { pixels, width, height, channels, preprocessing } = shown.result.input;
  const image = useMemo(
    () => paintPicture(decodeBase64(pixels), width, height, channels),
    [pixels, width, height, channels],
  );
  const scale = 224 / Math.max(width, height);
  return (
    <figure class="picture">
      <PixelCanvas
        image={image}
        width={width * scale}
        height={height * scale}
        label={`${shown.imageName} as the network sees it, ${height}×${width} pixels`}
      />
      <figcaption>
        <b>As the network sees it</b>{' '}
        <span class="number">
          {height}×{width}×{channels}
        </span>
        <br />
        <span class="muted">{preprocessing}</span>
      </figcaption>
    </figure>
  );
}

function Classes({ shown }: { shown: Shown }): VNode {
  const { classes } = shown.result;
  return (
    <section class="classes" aria-label="Classes">
      <h2>
        {classes[0] ? (
          <>
            {classes[0].label} <span class="number muted">{formatPercent(classes[0].probability)}</span>
          </>
        ) : (
          'No classes'
        )}
      </h2>
      <ol>
        {classes.map(({ label, index, probability }) => (
          <li key={index}>
            <span class="class-label" title={`class ${formatCount(index)}`}>
              {label}
            </span>
            <span class="class-track" aria-hidden="true">
              <span class="class-bar" style={{ width: `${Math.max(0, Math.min(1, probability)) * 100}%` }} />
            </span>
            <span class="number class-value">{formatPercent(probability)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

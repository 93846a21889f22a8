import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PictureSource, Thumbnail } from '../../protocol/sidecar';
import type { ToClassify } from '../../protocol/webview';
import { Button } from '../shared/controls';
import { Icon } from '../shared/icons';
import { Header } from './Header';
import type { ClassifyHost } from './host';
import { InputCard } from './inputs/InputCard';
import { LiveScores } from './inputs/liveScores';
import { unpainted } from './inputs/PaintOver';
import { Preprocessing } from './inputs/Preprocessing';
import { Sources } from './inputs/Sources';
import { Strip } from './inputs/Strip';
import { emptySketch } from './inputs/sketch';
import { type BroughtFile, readClipboard, readFiles } from './inputs/transfer';
import { useDropAndPaste } from './inputs/useDropAndPaste';
import type { ComparedAnswer } from './look/compare/comparison';
import { Look } from './look/Look';
import { initialLook, type LookState } from './look/lookState';
import { Questions } from './look/questions';
import { Status, type StatusOf } from './Status';
import { Answer, type LiveAnswer } from './scores/Answer';
import type { Handwork, InputMode, SavedState, Shown } from './shown';

type Inputs = Omit<Extract<ToClassify, { type: 'inputs' }>, 'type'>;

const noInputs: Inputs = { model: null, pictures: [], selected: null };

export function App({ host, saved }: { host: ClassifyHost; saved: SavedState | undefined }): VNode {
  const [inputs, setInputs] = useState<Inputs>(noInputs);
  const [thumbnails, setThumbnails] = useState<ReadonlyMap<string, Thumbnail>>(new Map());
  const [shown, setShown] = useState<Shown | null>(saved?.shown ?? null);
  const [previous, setPrevious] = useState<Shown | null>(null);
  const [status, setStatus] = useState<StatusOf>({ kind: 'idle' });
  /** What another view selected; anew for every time it does. */
  const [selection, setSelection] = useState<{ layer: string | null }>({ layer: null });
  const [handwork, setHandwork] = useState<Handwork>(() => saved?.handwork ?? newHandwork());
  const [look, setLook] = useState<LookState>(saved?.look ?? initialLook);
  const changeLook = useCallback(
    (changed: Partial<LookState>) => setLook((now) => ({ ...now, ...changed })),
    [],
  );
  const [compared, setCompared] = useState<ComparedAnswer>({ kind: 'none' });
  const [live, setLive] = useState<LiveAnswer | null>(null);
  const [liveFailure, setLiveFailure] = useState('');
  const questions = useMemo(() => new Questions((message) => host.post(message)), [host]);
  const scoring = useMemo(() => new LiveScores((message) => host.post(message)), [host]);
  const latest = useRef(shown);

  useEffect(() => {
    const show = (now: Shown | null) => {
      const before = latest.current;
      if (before && now && before.result.session !== now.result.session) setPrevious(before);
      latest.current = now;
      setShown(now);
    };
    host.listen((message) => {
      switch (message.type) {
        case 'idle':
          setStatus({ kind: 'idle' });
          return;
        case 'working':
        case 'failed':
          setStatus({ kind: message.type, message: message.message });
          return;
        case 'inputs':
          setInputs(message);
          return;
        case 'thumbnail':
          setThumbnails((known) => new Map(known).set(message.id, message.thumbnail));
          return;
        case 'result': {
          const { type: _, ...now } = message;
          show(now);
          return;
        }
        case 'noResult':
          show(null);
          return;
        case 'scores':
        case 'noScores':
          scoring.receive(message);
          return;
        case 'comparing':
        case 'comparisonFailed':
          setCompared({
            kind: message.type === 'comparing' ? 'working' : 'failed',
            message: message.message,
          });
          return;
        case 'comparison': {
          const { type: _, ...answer } = message;
          setCompared({ kind: 'shown', answer });
          return;
        }
        case 'noComparison':
          setCompared({ kind: 'none' });
          return;
        case 'selectLayer':
          setSelection({ layer: message.layer });
          return;
        default:
          questions.receive(message);
      }
    });
  }, [host, questions, scoring]);
  const kept = useRef<SavedState>({ shown, handwork, look });
  kept.current = { shown, handwork, look };
  useEffect(() => host.saveState(kept.current), [host, shown]);
  useEffect(() => {
    // Not with every point of a stroke.
    const timer = setTimeout(() => host.saveState(kept.current), 100);
    return () => clearTimeout(timer);
  }, [host, handwork, look]);

  // --- pictures that are drawn or painted: their scores follow the hand ---

  const { mode, drawing, sketches } = handwork;
  const picture = useRef<(() => PictureSource) | null>(null);
  const stopLive = useCallback(() => {
    scoring.forget();
    picture.current = null;
    setLive(null);
    setLiveFailure('');
  }, [scoring]);
  const score = useCallback(
    (source: (() => PictureSource) | null, of: InputMode) => {
      if (!source || of === 'picture') return stopLive();
      picture.current = source;
      scoring.ask(source, (scores) => {
        if (typeof scores === 'string') setLiveFailure(scores);
        else {
          setLiveFailure('');
          setLive({ mode: of, probabilities: scores });
        }
      });
    },
    [scoring, stopLive],
  );
  // Another model or preprocessing makes other scores of the same picture.
  const { model } = inputs;
  const settings = JSON.stringify([model?.path, model?.choice]);
  useEffect(() => {
    if (picture.current) score(picture.current, mode);
  }, [settings]);

  const change = (changed: Partial<Handwork>) => setHandwork((before) => ({ ...before, ...changed }));
  const setMode = (next: InputMode) => {
    stopLive();
    change({ mode: next });
  };
  const select = (id: string) => {
    stopLive();
    change(sketches[id] ? { mode: 'draw', drawing: id } : { mode: mode === 'draw' ? 'picture' : mode });
    host.post({ type: 'select', id });
  };
  // A picture that comes from elsewhere is to be seen.
  useEffect(() => {
    const { selected } = inputs;
    if (mode === 'draw' && selected !== null && !sketches[selected]) setMode('picture');
  }, [inputs.selected]);

  const painted =
    handwork.painted && handwork.painted.picture === shown?.picture ? handwork.painted : unpainted;
  const onFiles = useCallback(
    (files: BroughtFile[], origin: 'pasted' | 'dropped') => host.post({ type: 'addFiles', origin, files }),
    [host],
  );
  const onUris = useCallback((uris: string[]) => host.post({ type: 'addUris', uris }), [host]);
  const onFailure = useCallback((message: string) => setStatus({ kind: 'failed', message }), []);
  const isOver = useDropAndPaste({ onFiles, onUris, onFailure });
  const paste = () =>
    readClipboard()
      .then(readFiles)
      .then((files) => onFiles(files, 'pasted'))
      .catch((error) => onFailure(error.message));

  const truth = inputs.pictures.find(({ id }) => id === shown?.picture)?.truth;
  const showsCard = shown !== null || mode === 'draw';
  return (
    <main class="classify">
      <Header host={host} model={model} />
      <Sources
        host={host}
        examplesOf={model?.examplesOf}
        ready={model !== null}
        hasPictures={inputs.pictures.length > 0}
        onPaste={paste}
        onDraw={() => setMode('draw')}
      />
      {inputs.note !== undefined && (
        <p class="notice information">
          <Icon name="information" />
          <span>{inputs.note}</span>
          <Button appearance="icon" label="Dismiss" onClick={() => host.post({ type: 'dismissNote' })}>
            <Icon name="close" />
          </Button>
        </p>
      )}
      {inputs.pictures.length > 0 && (
        <Strip
          pictures={inputs.pictures}
          thumbnails={thumbnails}
          selected={inputs.selected}
          onSelect={select}
          onRemove={(id) => host.post({ type: 'remove', id })}
          onRemoveAll={() => host.post({ type: 'removeAll' })}
        />
      )}
      <Status status={liveFailure === '' ? status : { kind: 'failed', message: liveFailure }} />
      {showsCard && (
        <div class="answer">
          <InputCard
            mode={mode}
            onMode={setMode}
            shown={shown}
            painted={painted}
            onPainted={({ strokes, undone }) =>
              shown &&
              change({
                painted: { picture: shown.picture, strokes: [...strokes], undone: [...undone] },
              })
            }
            onKeepPainted={(source) => {
              setMode('picture');
              if (shown) host.post({ type: 'keepPainted', of: shown.picture, picture: source });
            }}
            onLive={(source) => score(source, mode)}
            drawing={drawing}
            sketch={sketches[drawing] ?? emptySketch}
            onSketch={(sketch) =>
              setHandwork((before) => ({ ...before, sketches: { ...before.sketches, [drawing]: sketch } }))
            }
            onDrawn={(data) => host.post({ type: 'drawn', id: drawing, file: { name: 'Drawing', data } })}
            onNewDrawing={() => {
              stopLive();
              change({ drawing: newDrawing() });
            }}
          />
          <Answer host={host} model={model} shown={shown} truth={truth} live={live} previous={previous} />
          {model && (
            <Preprocessing
              key={model.path}
              model={model}
              onChoose={(choice) => host.post({ type: 'chooseEncoding', choice })}
            />
          )}
        </div>
      )}
      {shown && (
        <Look
          key={shown.result.session}
          host={host}
          questions={questions}
          shown={shown}
          selection={selection}
          compared={compared}
          look={look}
          onChange={changeLook}
        />
      )}
      {isOver && (
        <div class="drop-here" aria-hidden="true">
          Drop pictures to classify them
        </div>
      )}
    </main>
  );
}

function newDrawing(): string {
  return `drawing-${crypto.randomUUID()}`;
}

function newHandwork(): Handwork {
  return { mode: 'picture', drawing: newDrawing(), sketches: {}, painted: null };
}

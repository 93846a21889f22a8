import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button, Dropdown } from '../shared/controls';
import { ExportMenu } from '../shared/export/ExportMenu';
import { exportsOf } from '../shared/export/exports';
import { Icon } from '../shared/icons';
import { Details } from './Details';
import { Drawing } from './Drawing';
import { type ExportSource, exportDiagram } from './export/exportDiagram';
import { fold, foldAbove } from './fold';
import { Empty, type Graphs, Header, Problems } from './Header';
import { formatMeasure, heatOf, measureNames } from './heat';
import type { Coloring, DiagramHost, SavedState, ViewName } from './host';
import { LayerTable } from './LayerTable';
import { Legend } from './Legend';
import type { Positions } from './morph';
import { PictureBar } from './picture/PictureBar';
import { PictureStore } from './picture/store';
import { thumbnailCount } from './picture/thumbnails';
import { search } from './query';
import { Search } from './Search';
import { buildScene, type Item, type Scene } from './scene';
import type { SavedView } from './viewport';
import { hasTowersOnly, naturalProjection } from './volumes/layout';

const noExceptions: string[] = [];
const noThumbnails: PictureStore['thumbnails'] = new Map();
const formats = ['svg', 'png', 'tikz', 'mermaid'] as const;

export function App({ host, saved }: { host: DiagramHost; saved: SavedState | undefined }): VNode {
  const [content, setContent] = useState<Graphs | null>(null);
  const [modelId, setModelId] = useState<string | null>(saved?.modelId ?? null);
  const [chosenView, setChosenView] = useState<ViewName | null>(saved?.view ?? null);
  const [selected, setSelected] = useState<string | null>(saved?.selected ?? null);
  const [highlighted, setHighlighted] = useState<ReadonlySet<string>>(new Set());
  const [showTable, setShowTable] = useState(saved?.showTable ?? false);
  const [coloring, setColoring] = useState<Coloring>(saved?.coloring ?? 'kind');
  const [foldings, setFoldings] = useState<SavedState['folding']>(saved?.folding ?? {});
  const [query, setQuery] = useState('');
  const [matchAt, setMatchAt] = useState(0);
  const views = useRef<Record<string, SavedView>>(saved?.views ?? {});
  const positions = useRef<Positions | null>(null);
  const exportSource = useRef<ExportSource | null>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const [, setPictureChanges] = useState(0);
  const pictures = useMemo(
    () =>
      new PictureStore(
        (message) => host.post(message),
        () => setPictureChanges((count) => count + 1),
      ),
    [host],
  );

  const exports = exportsOf({
    post: (message) => host.post(message),
    source: exportSource,
    what: 'diagram',
    write: exportDiagram,
    nameOf: ({ scene: { graph } }) => graph.name,
  });

  useEffect(() => {
    host.listen((message) => {
      switch (message.type) {
        case 'export':
          void exports.answer(message);
          return;
        case 'graphs':
        case 'highlight':
          if (message.modelId !== undefined) setModelId(message.modelId);
          if (message.type === 'graphs') setContent(message);
          else setHighlighted(new Set(message.layerIds));
          return;
        case 'selectLayer':
          setModelId(message.modelId);
          setSelected(message.key);
          return;
        case 'picture':
          pictures.show(message);
          return;
        case 'activation':
        case 'activationFailed':
          pictures.receive(message);
      }
    });
  }, [host]);

  const save = useCallback(
    () =>
      host.saveState({
        modelId,
        view: chosenView,
        selected,
        showTable,
        coloring,
        folding: foldings,
        views: views.current,
      } satisfies SavedState),
    [host, modelId, chosenView, selected, showTable, coloring, foldings],
  );
  useEffect(save, [save]);

  const graph = content?.graphs.find(({ id }) => id === modelId) ?? content?.graphs[0];
  const folding = graph && foldings[graph.id];
  const exceptions = useMemo(
    () => new Set(folding?.exceptions ?? noExceptions),
    [folding?.exceptions ?? noExceptions],
  );
  const whole = useMemo(
    () => (graph && content ? buildScene(graph, content.problems, exceptions) : null),
    [graph, content, exceptions],
  );
  const folded = folding?.folded ?? (whole?.items.length ?? 0) > foldAbove;
  const foldedScene = useMemo(
    () => whole && fold(whole, { folded, exceptions }),
    [whole, folded, exceptions],
  );
  const heat = useMemo(
    () => (foldedScene && coloring !== 'kind' ? heatOf(foldedScene.items, coloring) : null),
    [foldedScene, coloring],
  );
  const picture = graph ? pictures.of(graph.id) : null;
  const scene = useMemo(() => {
    if (!foldedScene) return null;
    const measured = coloring === 'kind' ? foldedScene : withMeasure(foldedScene, coloring);
    return picture?.state === 'seen' ? withPicture(measured, pictures) : measured;
  }, [foldedScene, coloring, picture, pictures]);
  const found = useMemo(() => (scene ? search(scene.items, query) : []), [scene, query]);
  const matches = useMemo(() => new Set(found), [found]);

  const graphId = graph?.id;
  const onFold = useCallback(
    (key: string) => {
      if (graphId === undefined) return;
      setFoldings((all) => {
        const { folded: own = null, exceptions: known = [] } = all[graphId] ?? {};
        const next = known.includes(key) ? known.filter((one) => one !== key) : [...known, key];
        return { ...all, [graphId]: { folded: own, exceptions: next } };
      });
    },
    [graphId],
  );

  const onVisible = useCallback(
    (items: Item[]) => pictures.want(items.map(({ outputKey }) => outputKey)),
    [pictures],
  );

  if (!content) return <main class="empty" aria-busy="true" />;
  if (!graph || !scene || !whole) return <Empty content={content} />;

  const view = chosenView ?? naturalView(whole);
  // What was selected elsewhere may be folded into another item.
  const selectedItem =
    scene.items.find(({ key }) => key === selected) ??
    scene.items.find(({ members }) => members.some(({ key }) => key === selected));
  const select = (key: string | null) => {
    setSelected(key);
    const item = scene.items.find((one) => one.key === key);
    host.post({ type: 'layerSelected', modelId: graph.id, key: item?.outputKey ?? null });
  };
  // What is folded begins with the first of its members.
  const reveal = (item: Item) => {
    const key = item.layer ? item.key : item.members[0]?.key;
    if (key !== undefined) host.post({ type: 'revealLayer', modelId: graph.id, key });
  };
  const viewKey = `${graph.id} ${view}`;
  const match = found[Math.min(matchAt, found.length - 1)] ?? null;

  return (
    <main class="diagram">
      <Header
        content={content}
        scene={scene}
        onModel={(id) => {
          setModelId(id);
          setSelected(null);
          host.post({ type: 'showModel', modelId: id });
        }}
        onTrain={() => host.post({ type: 'train', modelId: graph.id })}
        onCompare={() => host.post({ type: 'compare', modelId: graph.id })}
        onPicture={() => host.post({ type: 'choosePicture', modelId: graph.id })}
      />
      <PictureBar
        picture={picture}
        thumbnail={pictures.inputThumbnail}
        onForget={() => host.post({ type: 'forgetPicture' })}
      />
      <Problems content={content} graphIds={new Set(graph.layers.map(({ id }) => id))} onSelect={select} />
      <div class="workspace">
        <Drawing
          key={viewKey}
          scene={scene}
          view={view}
          selected={selectedItem?.key ?? null}
          highlighted={highlighted}
          matches={matches}
          match={match}
          heat={heat?.colors ?? null}
          thumbnails={picture?.state === 'seen' ? pictures.thumbnails : noThumbnails}
          savedView={views.current[viewKey]}
          positions={positions}
          exportSource={exportSource}
          searchField={searchField}
          onViewChange={(next) => {
            views.current = { ...views.current, [viewKey]: next };
            save();
          }}
          onSelect={select}
          onReveal={reveal}
          onView={setChosenView}
          onFold={onFold}
          onVisible={onVisible}
          tools={
            <>
              <Search
                field={searchField}
                query={query}
                found={found.length}
                at={Math.min(matchAt, found.length - 1)}
                onQuery={(next) => {
                  setQuery(next);
                  setMatchAt(0);
                }}
                onStep={(step) => {
                  if (found.length > 0) setMatchAt((matchAt + step + found.length) % found.length);
                }}
                onLeave={() => setQuery('')}
              />
              <Dropdown<Coloring>
                label="Colours"
                value={coloring}
                options={[
                  { value: 'kind', text: 'Colour: kind' },
                  ...Object.entries(measureNames).map(([value, text]) => ({
                    value: value as Coloring,
                    text,
                  })),
                ]}
                onChange={setColoring}
              />
              <Button
                appearance="icon"
                label="Fold blocks and repetitions"
                pressed={folded}
                onClick={() => setFoldings({ ...foldings, [graph.id]: { folded: !folded, exceptions: [] } })}
              >
                <Icon name="fold" />
              </Button>
              <Button
                appearance="icon"
                label="Show as table"
                pressed={showTable}
                onClick={() => setShowTable(!showTable)}
              >
                <Icon name="table" />
              </Button>
              <ExportMenu what="the diagram" formats={formats} onSave={exports.save} onCopy={exports.copy} />
            </>
          }
        >
          {selectedItem && (
            <Details
              item={selectedItem}
              model={graph}
              onReveal={() => reveal(selectedItem)}
              onFold={onFold}
              pictures={picture?.state === 'seen' ? pictures : null}
              onClose={() => select(null)}
            />
          )}
        </Drawing>
      </div>
      <Legend scene={scene} heat={heat} />
      <LayerTable graph={graph} visible={showTable} />
    </main>
  );
}

/** Volumes for chains and towers, a graph for anything with shortcuts. */
function naturalView(scene: Scene): ViewName {
  if (scene.isChain) return naturalProjection(scene);
  return hasTowersOnly(scene) ? 'boxes' : 'graph';
}

/** The drawing says what its colours show. */
function withMeasure(scene: Scene, measure: Exclude<Coloring, 'kind'>): Scene {
  return {
    ...scene,
    items: scene.items.map((item) => {
      const value = item.cost[measure];
      return { ...item, paramsText: value === 0 ? '' : formatMeasure(value, measure) };
    }),
  };
}

/** Room for what each layer saw. */
function withPicture(scene: Scene, pictures: PictureStore): Scene {
  return {
    ...scene,
    items: scene.items.map((item) => {
      const layer = pictures.layer(item.outputKey);
      const thumbnails = pictures.isInput(item.outputKey) ? 1 : layer ? thumbnailCount(layer) : 0;
      return thumbnails === 0 ? item : { ...item, thumbnails };
    }),
  };
}

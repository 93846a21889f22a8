import type { ComponentChildren, VNode } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ToDiagram } from '../../protocol/webview';
import { Button, Dropdown, Segments } from '../shared/controls';
import { formatBytes, formatCount, formatShape, plural } from '../shared/format';
import { Icon } from '../shared/icons';
import { kindNames } from '../shared/kinds';
import { prefersReducedMotion } from '../shared/theme';
import { Details } from './Details';
import { GraphDrawing } from './GraphView';
import { type GraphLayout, layoutChain, layoutGraph } from './graphLayout';
import type { DiagramHost, SavedState, ViewName } from './host';
import { LayerTable } from './LayerTable';
import { measureText } from './measure';
import { buildScene, type Scene } from './scene';
import { VolumesDrawing } from './VolumesView';
import { type Bounds, type SavedView, useViewport } from './viewport';
import { layoutVolumes, naturalProjection, type VolumesLayout } from './volumesLayout';

type Graphs = Extract<ToDiagram, { type: 'graphs' }>;

export function App({ host, saved }: { host: DiagramHost; saved: SavedState | undefined }): VNode {
  const [content, setContent] = useState<Graphs | null>(null);
  const [modelId, setModelId] = useState<string | null>(saved?.modelId ?? null);
  const [chosenView, setChosenView] = useState<ViewName | null>(saved?.view ?? null);
  const [selected, setSelected] = useState<string | null>(saved?.selected ?? null);
  const [highlighted, setHighlighted] = useState<ReadonlySet<string>>(new Set());
  const [showTable, setShowTable] = useState(saved?.showTable ?? false);
  const views = useRef<Record<string, SavedView>>(saved?.views ?? {});

  useEffect(() => {
    host.listen((message) => {
      if (message.type === 'graphs') {
        setContent(message);
        if (message.modelId !== undefined) setModelId(message.modelId);
      } else {
        if (message.modelId !== undefined) setModelId(message.modelId);
        setHighlighted(new Set(message.layerIds));
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
        views: views.current,
      } satisfies SavedState),
    [host, modelId, chosenView, selected, showTable],
  );
  useEffect(save, [save]);

  const graph = content?.graphs.find(({ id }) => id === modelId) ?? content?.graphs[0];
  const scene = useMemo(
    () => (graph && content ? buildScene(graph, content.problems) : null),
    [graph, content],
  );

  if (!content) return <main class="empty" aria-busy="true" />;
  if (!graph || !scene) return <Empty content={content} />;

  const natural: ViewName = scene.isChain ? naturalProjection(scene) : 'graph';
  const view = chosenView ?? natural;
  const selectedItem = scene.items.find(({ key }) => key === selected);
  const reveal = (layerId: string) => host.post({ type: 'revealLayer', modelId: graph.id, layerId });

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
      />
      <Problems
        content={content}
        graphIds={new Set(graph.layers.map(({ id }) => id))}
        onSelect={setSelected}
      />
      <div class="workspace">
        <Drawing
          key={`${graph.id} ${view}`}
          scene={scene}
          view={view}
          selected={selected}
          highlighted={highlighted}
          savedView={views.current[`${graph.id} ${view}`]}
          onViewChange={(next) => {
            views.current = { ...views.current, [`${graph.id} ${view}`]: next };
            save();
          }}
          onSelect={setSelected}
          onReveal={reveal}
          onView={setChosenView}
          showTable={showTable}
          onTable={() => setShowTable(!showTable)}
        >
          {selectedItem && (
            <Details
              item={selectedItem}
              onReveal={() => selectedItem.layer && reveal(selectedItem.layer.id)}
              onClose={() => setSelected(null)}
            />
          )}
        </Drawing>
      </div>
      <Legend scene={scene} />
      <LayerTable graph={graph} visible={showTable} />
    </main>
  );
}

function Empty({ content }: { content: Graphs }): VNode {
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
}

function Header({ content, scene, onModel, onTrain }: HeaderProps): VNode {
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
        <Button onClick={onTrain}>Train…</Button>
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
function Problems({ content, graphIds, onSelect }: ProblemsProps): VNode | null {
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

function Legend({ scene }: { scene: Scene }): VNode {
  const present = new Set(scene.items.map(({ kind }) => kind));
  const kinds = (Object.keys(kindNames) as (keyof typeof kindNames)[]).filter((kind) => present.has(kind));
  const certainties = new Set(scene.items.map(({ certainty }) => certainty));
  return (
    <footer class="legend">
      <ul aria-label="Legend">
        {kinds.map((kind) => (
          <li key={kind} class={`kind-${kind}`}>
            <span class="swatch" />
            {kindNames[kind]}
          </li>
        ))}
        {(certainties.has('symbolic') || certainties.has('lost')) && (
          <li>
            <span class="swatch dashed" />
            Size not known as a number
          </li>
        )}
      </ul>
    </footer>
  );
}

// --------------------------------------------------------------------------------------------------------- drawing

interface DrawingProps {
  scene: Scene;
  view: ViewName;
  selected: string | null;
  highlighted: ReadonlySet<string>;
  savedView: SavedView | undefined;
  onViewChange: (view: SavedView) => void;
  onSelect: (key: string | null) => void;
  onReveal: (layerId: string) => void;
  onView: (view: ViewName) => void;
  showTable: boolean;
  onTable: () => void;
  /** The details, which lie over the drawing. */
  children: ComponentChildren;
}

type Layout = { view: 'volumes'; volumes: VolumesLayout } | { view: 'graph'; graph: GraphLayout };

function Drawing(props: DrawingProps): VNode {
  const { scene, view, selected, highlighted, onSelect, onReveal } = props;
  const container = useRef<HTMLDivElement>(null);
  const size = useSize(container);
  const layout = useLayout(scene, view, size);
  const bounds = layout && (layout.view === 'graph' ? layout.graph : layout.volumes);
  const viewport = useViewport(bounds, size, props.savedView, props.onViewChange);
  const [focusable, setFocusable] = useState<string | null>(selected);
  const reachable = scene.items.some(({ key }) => key === focusable)
    ? focusable
    : (scene.items[0]?.key ?? null);

  const boundsOf = (key: string) => (layout ? itemBounds(layout, key) : undefined);
  // What the cursor stands in, or what was chosen in the list of problems, must be seen.
  useEffect(() => {
    const first = scene.items.find(({ layer }) => layer && highlighted.has(layer.id));
    const target = first && boundsOf(first.key);
    if (target) viewport.reveal(target, coveredBy(selected, size));
  }, [highlighted, layout === null]);
  useEffect(() => {
    const target = selected === null ? undefined : boundsOf(selected);
    if (target) viewport.reveal(target, coveredBy(selected, size));
  }, [selected]);

  const walk = (target: string | undefined) => {
    if (target === undefined) return;
    setFocusable(target);
    onSelect(target);
    const element = container.current?.querySelector<SVGElement>(`[data-key="${CSS.escape(target)}"]`);
    element?.focus({ preventScroll: true });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = scene.items.findIndex(({ key }) => key === reachable);
    const item = scene.items[at];
    const actions: Record<string, () => void> = {
      ArrowRight: () => walk(scene.items[at + 1]?.key),
      ArrowDown: () => walk(scene.items[at + 1]?.key),
      ArrowLeft: () => walk(scene.items[at - 1]?.key),
      ArrowUp: () => walk(scene.items[at - 1]?.key),
      Home: () => walk(scene.items[0]?.key),
      End: () => walk(scene.items.at(-1)?.key),
      Enter: () => item?.layer && onReveal(item.layer.id),
      ' ': () => item && onSelect(item.key === selected ? null : item.key),
      Escape: () => onSelect(null),
      '+': () => viewport.zoomBy(1.25),
      '=': () => viewport.zoomBy(1.25),
      '-': () => viewport.zoomBy(0.8),
      '0': () => viewport.fit(),
    };
    const shifted: Record<string, () => void> = {
      ArrowRight: () => viewport.panBy(-60, 0),
      ArrowLeft: () => viewport.panBy(60, 0),
      ArrowDown: () => viewport.panBy(0, -60),
      ArrowUp: () => viewport.panBy(0, 60),
    };
    const action = (event.shiftKey && shifted[event.key]) || actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };

  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const onPointerDown = (event: PointerEvent) => {
    if (event.button === 0) drag.current = { x: event.clientX, y: event.clientY, moved: false };
  };
  const onPointerMove = (event: PointerEvent) => {
    const held = drag.current;
    if (!held) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.moved && Math.hypot(dx, dy) < 4) return;
    if (!held.moved) (event.currentTarget as Element).setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY, moved: true };
    viewport.panBy(dx, dy);
  };
  const onPointerUp = () => {
    // The click that ends a drag comes after this and must still see that it was one.
    const held = drag.current;
    if (held?.moved) setTimeout(() => (drag.current = null));
    else drag.current = null;
  };
  const onClick = (event: MouseEvent) => {
    if (drag.current?.moved) return;
    const key = (event.target as Element).closest<SVGGElement>('[data-key]')?.dataset['key'];
    const item = scene.items.find((candidate) => candidate.key === key);
    onSelect(item?.key ?? null);
    if (!item) return;
    setFocusable(item.key);
    if (item.layer) onReveal(item.layer.id);
  };

  // Preact would register a passive listener's equivalent; zooming must keep the page from scrolling.
  useEffect(() => {
    const element = container.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.shiftKey) {
        viewport.panBy(-(event.deltaX || event.deltaY), 0);
        return;
      }
      const box = element!.getBoundingClientRect();
      const step = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 20;
      viewport.zoomBy(Math.exp(-Math.max(-120, Math.min(120, step)) * 0.0022), {
        x: event.clientX - box.left,
        y: event.clientY - box.top,
      });
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  });

  const { transform } = viewport;
  const state = { selected, focusable: reachable, highlighted };
  return (
    <section class="drawing" aria-label={`Diagram of ${scene.graph.name}`}>
      <div class="toolbar">
        <Segments<ViewName>
          label="View"
          value={view}
          segments={[
            {
              value: 'sheets',
              text: 'Feature maps',
              hint: 'Stacks of maps seen from the front, as LeNet-5 is drawn',
            },
            { value: 'boxes', text: 'Volumes', hint: 'Volumes in perspective, as AlexNet and VGG are drawn' },
            { value: 'graph', text: 'Graph', hint: 'Layers as nodes with shapes on the edges' },
          ]}
          onChange={props.onView}
        />
        <span class="tools">
          <Button appearance="icon" label="Zoom out" onClick={() => viewport.zoomBy(0.8)}>
            <Icon name="zoomOut" />
          </Button>
          <span class="zoom number muted" aria-live="off">
            {Math.round(transform.zoom * 100)} %
          </span>
          <Button appearance="icon" label="Zoom in" onClick={() => viewport.zoomBy(1.25)}>
            <Icon name="zoomIn" />
          </Button>
          <Button appearance="icon" label="Fit to panel" onClick={() => viewport.fit()}>
            <Icon name="fit" />
          </Button>
          <Button appearance="icon" label="Show as table" pressed={props.showTable} onClick={props.onTable}>
            <Icon name="table" />
          </Button>
        </span>
      </div>
      <div class="stage">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys work on the layers inside, which are buttons. */}
        <div
          ref={container}
          class="canvas"
          onKeyDown={onKeyDown}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={onPointerUp}
          onClick={onClick}
        >
          {/* biome-ignore lint/a11y/useSemanticElements: an SVG drawing cannot be a fieldset. */}
          <svg
            class={`picture ${view} ${prefersReducedMotion() ? '' : 'moves'}`}
            role="group"
            aria-label="Layers; arrow keys walk, Enter shows the source"
            viewBox={`0 0 ${Math.max(1, size.width)} ${Math.max(1, size.height)}`}
            preserveAspectRatio="xMidYMid meet"
          >
            {layout && (
              <g transform={`translate(${transform.x},${transform.y}) scale(${transform.zoom})`}>
                {layout.view === 'graph' ? (
                  <GraphDrawing layout={layout.graph} state={state} />
                ) : (
                  <VolumesDrawing layout={layout.volumes} state={state} />
                )}
              </g>
            )}
          </svg>
        </div>
        {props.children}
      </div>
    </section>
  );
}

/** What the details take from the drawing; diagram.css has the same numbers. */
function coveredBy(selected: string | null, size: { height: number }): { right: number; bottom: number } {
  if (selected === null) return { right: 0, bottom: 0 };
  return matchMedia('(max-width: 760px)').matches
    ? { right: 0, bottom: size.height / 2 + 16 }
    : { right: 320, bottom: 0 };
}

function useSize(element: { current: HTMLElement | null }): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const measure = () => setSize({ width: target.clientWidth, height: target.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** ELK answers later; until then the previous layout stays, so that typing does not make the drawing flash. */
function useLayout(scene: Scene, view: ViewName, size: { width: number; height: number }): Layout | null {
  const [asynchronous, setAsynchronous] = useState<GraphLayout | null>(null);
  const immediate = useMemo((): Layout | null => {
    if (size.width === 0) return null;
    if (view !== 'graph') return { view: 'volumes', volumes: layoutVolumes(scene, view, measureText, size) };
    return scene.isChain ? { view: 'graph', graph: layoutChain(scene, measureText) } : null;
  }, [scene, view, size.width, size.height]);
  const needsEngine = view === 'graph' && !scene.isChain;
  useEffect(() => {
    if (!needsEngine) return;
    let current = true;
    layoutGraph(scene, measureText).then(
      (layout) => current && setAsynchronous(layout),
      (error: unknown) => console.error('Layerwise: the graph could not be laid out', error),
    );
    return () => {
      current = false;
    };
  }, [scene, needsEngine]);
  return needsEngine ? asynchronous && { view: 'graph', graph: asynchronous } : immediate;
}

function itemBounds(layout: Layout, key: string): Bounds | undefined {
  if (layout.view === 'graph') return layout.graph.nodes.find(({ item }) => item.key === key);
  const placed = layout.volumes.items.find(({ item }) => item.key === key);
  if (!placed) return undefined;
  const half = Math.max(placed.width, placed.label.width) / 2;
  const top = placed.y - placed.height / 2;
  return { x: placed.x - half, y: top, width: 2 * half, height: placed.label.y + 60 - top };
}

/** The training panel: the form before a start, or a run with its curves, mistakes and health. */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { z } from 'zod';
import { epochMetrics } from '../../protocol/sidecar';
import { type ComparedRun, type TrainingSetup, trainingState } from '../../protocol/webview';
import type { ChartView } from './Charts';
import type { OpenedCell } from './Confusion';
import type { TrainingHost } from './host';
import { advance, type Progress, progressFrom } from './progress';
import { RunView } from './RunView';
import { SetupForm } from './SetupForm';

/** All that is on screen, so that a panel that was hidden is whole before the extension answers; its pictures come then. */
export const savedView = z.object({
  progress: z
    .object({
      state: trainingState,
      batches: z.array(
        z.object({
          x: z.number(),
          loss: z.number(),
          accuracy: z.number().nullable(),
          learningRate: z.number().nullable(),
        }),
      ),
      epochs: z.array(epochMetrics),
      warnings: z.array(z.object({ message: z.string(), layer: z.string().optional() })),
      batchesPerEpoch: z.number().nullable(),
      latest: z
        .object({
          epoch: z.number(),
          batch: z.number(),
          examplesPerSecond: z.number(),
          secondsLeft: z.number(),
        })
        .nullable(),
      params: z.number().nullable(),
    })
    .nullable(),
  chart: z.object({
    smoothing: z.number(),
    isLogarithmic: z.boolean(),
    zoom: z.tuple([z.number(), z.number()]).optional(),
  }),
});
export type SavedView = z.infer<typeof savedView>;

const defaultChart: ChartView = { smoothing: 0.6, isLogarithmic: false };

export function App({ host, saved }: { host: TrainingHost; saved: SavedView | undefined }): VNode {
  const [setup, setSetup] = useState<TrainingSetup | null>(null);
  const [progress, setProgress] = useState<Progress | null>(
    saved?.progress ? { ...saved.progress, evaluations: {}, health: null } : null,
  );
  const [compared, setCompared] = useState<ComparedRun[]>([]);
  const [chart, setChart] = useState<ChartView>(saved?.chart ?? defaultChart);
  const [opened, setOpened] = useState<OpenedCell | null>(null);
  const received = useRef(performance.now());
  const folder = useRef(progress?.state.runFolder);

  useEffect(() => {
    host.listen((message) => {
      switch (message.type) {
        case 'setup':
          return setSetup(message.setup);
        case 'state':
          received.current = performance.now();
          if (folder.current !== undefined && folder.current !== message.state.runFolder) {
            // Another run: what was looked at in the last one is gone.
            setOpened(null);
            setChart((view) => ({ ...view, zoom: undefined }));
          }
          folder.current = message.state.runFolder;
          setSetup(null);
          return setProgress(progressFrom(message.state, message.events));
        case 'event':
          return setProgress((current) => current && advance(current, message.event));
        case 'compared':
          return setCompared(message.runs);
        case 'confusionExamples': {
          const { part, label, predicted, result } = message;
          return setOpened((cell) =>
            cell?.part === part && cell.label === label && cell.predicted === predicted
              ? { part, label, predicted, result }
              : cell,
          );
        }
      }
    });
  }, [host]);
  useSaved(host, { progress, chart }, progress?.state.phase);

  if (setup) return <SetupForm key={setup.id} setup={setup} host={host} />;
  if (!progress) {
    return (
      <main class="empty">
        <h1>No training yet</h1>
        <p class="muted">
          Choose <b>Train</b> above a model in the editor; its curves appear here.
        </p>
      </main>
    );
  }
  return (
    <RunView
      {...{ host, progress, compared, chart, opened }}
      received={received.current}
      onChart={setChart}
      onOpenCell={(cell) => {
        setOpened({ ...cell, result: null });
        host.post({ type: 'showConfusion', ...cell });
      }}
    />
  );
}

/** Keeps what is shown, but not at every batch: there may be hundreds a second. */
function useSaved(
  host: TrainingHost,
  { progress, chart }: { progress: Progress | null; chart: ChartView },
  phase: string | undefined,
): void {
  const latest = useRef<SavedView>({ progress, chart });
  if (progress) {
    const { evaluations: _, health: __, ...kept } = progress;
    latest.current = { progress: kept, chart };
  } else latest.current = { progress: null, chart };
  useEffect(() => {
    const save = () => host.saveState(latest.current);
    const timer = setInterval(save, 1000);
    addEventListener('pagehide', save);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', save);
    };
  }, [host]);
  useEffect(() => host.saveState(latest.current), [host, phase, chart]);
}

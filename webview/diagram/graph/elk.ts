/** ELK's layered layout, in a worker, so that the drawing stays alive while a large graph is laid out. */
import type { ELK, ElkNode } from 'elkjs/lib/elk-api';

let engine: Promise<ELK> | undefined;

/**
 * A megabyte and a half: fetched only when there is a branch to lay out. The worker's code is a text in our own bundle,
 * because a webview may start workers from nowhere else.
 */
function loadEngine(): Promise<ELK> {
  engine ??= Promise.all([import('elkjs/lib/elk-api.js'), import('./elkWorkerText')]).then(
    ([{ default: Elk }, { workerText }]) => {
      const url = URL.createObjectURL(new Blob([workerText], { type: 'text/javascript' }));
      return new Elk({ workerFactory: () => new Worker(url) });
    },
  );
  return engine;
}

export async function layoutByElk(graph: ElkNode): Promise<ElkNode> {
  return (await loadEngine()).layout(graph);
}

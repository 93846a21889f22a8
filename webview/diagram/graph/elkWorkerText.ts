/** The source of ELK's worker, as text. In a chunk of its own. */
import text from 'elkjs/lib/elk-worker.min.js' with { type: 'text' };

export const workerText: string = text;

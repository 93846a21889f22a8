/** The webview's side of its channel to the extension. */
import type { z } from 'zod';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface Host<Incoming, Outgoing> {
  post(message: Outgoing): void;
  /** Calls back with every valid message and tells the extension that it may begin to send. Call once. */
  listen(onMessage: (message: Incoming) => void): void;
  /** What `saveState` kept when this webview was last shown; undefined when it is new or from another version. */
  loadState<State>(schema: z.ZodType<State>): State | undefined;
  saveState(state: unknown): void;
}

export function connectHost<Incoming, Outgoing>(incoming: z.ZodType<Incoming>): Host<Incoming, Outgoing> {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    listen(onMessage) {
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        const parsed = incoming.safeParse(event.data);
        if (parsed.success) onMessage(parsed.data);
        else
          console.error(
            'Layerwise: a message that this view does not understand',
            parsed.error.issues,
            event.data,
          );
      });
      api.postMessage({ type: 'ready' });
    },
    loadState(schema) {
      const parsed = schema.safeParse(api.getState());
      return parsed.success ? parsed.data : undefined;
    },
    saveState: (state) => api.setState(state),
  };
}

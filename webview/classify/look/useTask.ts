/** Long work on demand, with its progress and a way to stop it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type AskOptions, Refusal } from './questions';

interface Outcome<Answer> {
  /** 0 … 1 and in words while it is under way. */
  progress?: { fraction: number; message: string };
  answer?: Answer;
  failure?: string;
}

export interface Task<Answer> extends Outcome<Answer> {
  start(ask: (options: AskOptions) => Promise<Answer>): void;
  cancel(): void;
}

/** What was under way is stopped, and what was found forgotten, when `subject` changes. */
export function useTask<Answer>(subject: string): Task<Answer> {
  const [state, setState] = useState<{ subject: string; outcome: Outcome<Answer> }>({ subject, outcome: {} });
  const abort = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => abort.current?.abort(), [subject]);
  return {
    // Never another subject's, not even for the one time that is drawn before effects run.
    ...(state.subject === subject ? state.outcome : {}),
    start(ask) {
      abort.current?.abort();
      const mine = new AbortController();
      abort.current = mine;
      const become = (outcome: Outcome<Answer>) => {
        if (abort.current === mine && !mine.signal.aborted) setState({ subject, outcome });
      };
      become({ progress: { fraction: 0, message: 'Starting…' } });
      const onProgress = (fraction: number, message: string) => become({ progress: { fraction, message } });
      ask({ onProgress, signal: mine.signal }).then(
        (answer) => become({ answer }),
        (error: Error) =>
          become(error instanceof Refusal && error.cancelled ? {} : { failure: error.message }),
      );
    },
    cancel() {
      abort.current?.abort();
      setState({ subject, outcome: {} });
    },
  };
}

/** Long work on demand, with its progress and a way to stop it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AskOptions } from './questions';
import { Refusal } from './questions';

export interface Task<Answer> {
  /** 0 … 1 and in words while it is under way. */
  progress?: { fraction: number; message: string };
  answer?: Answer;
  failure?: string;
  start(ask: (options: AskOptions) => Promise<Answer>): void;
  cancel(): void;
}

type State<Answer> = Pick<Task<Answer>, 'progress' | 'answer' | 'failure'>;

/** What was under way is stopped, and what was found forgotten, when `subject` changes. */
export function useTask<Answer>(subject: string): Task<Answer> {
  const [state, setState] = useState<State<Answer>>({});
  const abort = useRef<AbortController | undefined>(undefined);
  useEffect(() => {
    setState({});
    return () => abort.current?.abort();
  }, [subject]);
  return {
    ...state,
    start(ask) {
      abort.current?.abort();
      const mine = new AbortController();
      abort.current = mine;
      setState({ progress: { fraction: 0, message: 'Starting…' } });
      const onProgress = (fraction: number, message: string) => {
        if (abort.current === mine && !mine.signal.aborted) setState({ progress: { fraction, message } });
      };
      ask({ onProgress, signal: mine.signal }).then(
        (answer) => abort.current === mine && !mine.signal.aborted && setState({ answer }),
        (error: Error) => {
          if (abort.current !== mine) return;
          setState(error instanceof Refusal && error.cancelled ? {} : { failure: error.message });
        },
      );
    },
    cancel() {
      abort.current?.abort();
      setState({});
    },
  };
}

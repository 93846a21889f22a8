/** The answer to the newest of many questions, asked one at a time: whoever moves on quickly skips those between. */
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Latest<Answer> {
  /** Of `subject`, or of an earlier one while that of `subject` is on its way. */
  answer?: Answer;
  answered?: string;
  /** Why there is no answer for `subject`. */
  failure?: string;
}

/** @param subject What is asked about; undefined: nothing. The same subject is not asked twice in a row. */
export function useLatest<Answer>(subject: string | undefined, ask: () => Promise<Answer>): Latest<Answer> {
  const [latest, setLatest] = useState<Latest<Answer>>({});
  const wanted = useRef<{ subject: string; ask: () => Promise<Answer> } | undefined>(undefined);
  const isBusy = useRef(false);
  useEffect(() => {
    wanted.current = subject === undefined ? undefined : { subject, ask };
    const next = async () => {
      const now = wanted.current;
      if (!now || isBusy.current) return;
      isBusy.current = true;
      await now.ask().then(
        (answer) => setLatest({ answer, answered: now.subject }),
        (error: Error) => setLatest({ answered: now.subject, failure: error.message }),
      );
      isBusy.current = false;
      if (wanted.current && wanted.current.subject !== now.subject) await next();
    };
    void next();
  }, [subject]);
  return latest;
}

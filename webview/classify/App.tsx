import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { Answer } from './Answer';
import { Header } from './Header';
import type { ClassifyHost } from './host';
import { Look } from './look/Look';
import { initialLook, type LookState } from './look/lookState';
import { Questions } from './look/questions';
import { Status, type StatusOf } from './Status';
import type { Saved, Shown } from './shown';

export function App({ host, saved }: { host: ClassifyHost; saved: Saved | undefined }): VNode {
  const [shown, setShown] = useState<Shown | null>(saved?.shown ?? null);
  const [status, setStatus] = useState<StatusOf>({ kind: 'idle' });
  /** What another view selected; anew for every time it does. */
  const [selection, setSelection] = useState<{ layer: string | null }>({ layer: null });
  const [look, setLook] = useState<LookState>(saved?.look ?? initialLook);
  const changeLook = useCallback(
    (change: Partial<LookState>) => setLook((now) => ({ ...now, ...change })),
    [],
  );
  const questions = useMemo(() => new Questions((message) => host.post(message)), [host]);

  useEffect(() => {
    host.listen((message) => {
      switch (message.type) {
        case 'working':
        case 'failed':
          setStatus({ kind: message.type, message: message.message });
          return;
        case 'result': {
          const { imageName, modelName, result } = message;
          setStatus({ kind: 'idle' });
          setShown({ imageName, modelName, result });
          return;
        }
        case 'selectLayer':
          setSelection({ layer: message.layer });
          return;
        default:
          questions.receive(message);
      }
    });
  }, [host, questions]);

  useEffect(() => {
    if (shown) host.saveState({ shown, look } satisfies Saved);
  }, [host, shown, look]);

  return (
    <main class="classify">
      <Header host={host} shown={shown} />
      <Status status={status} />
      {shown && (
        <>
          <Answer shown={shown} />
          <Look
            key={shown.result.session}
            host={host}
            questions={questions}
            shown={shown}
            selection={selection}
            look={look}
            onChange={changeLook}
          />
        </>
      )}
    </main>
  );
}

/** Search in the drawing: how many were found, and the way from one to the next. */
import type { RefObject, VNode } from 'preact';
import { Button } from '../shared/controls';
import { Icon } from '../shared/icons';

interface SearchProps {
  field: RefObject<HTMLInputElement | null>;
  query: string;
  found: number;
  /** Zero-based; −1 when none is shown. */
  at: number;
  onQuery: (query: string) => void;
  onStep: (step: 1 | -1) => void;
  onLeave: () => void;
}

export function Search({ field, query, found, at, onQuery, onStep, onLeave }: SearchProps): VNode {
  const status = query.trim() === '' ? '' : found === 0 ? 'none' : `${at + 1} of ${found}`;
  return (
    <search class="search">
      <input
        ref={field}
        type="text"
        aria-label="Search layers by name, class or property"
        title="Name, class or property: pool, filters>64, kernel 3x3, activation:relu, params>=1000000"
        placeholder="Search: pool, filters>64 …"
        value={query}
        spellcheck={false}
        onInput={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') onLeave();
          else return;
          event.preventDefault();
        }}
      />
      <span class="found number" role="status">
        {status}
      </span>
      {query !== '' && (
        <>
          <Button appearance="icon" label="Previous match" disabled={found === 0} onClick={() => onStep(-1)}>
            <Icon name="previous" />
          </Button>
          <Button appearance="icon" label="Next match" disabled={found === 0} onClick={() => onStep(1)}>
            <Icon name="next" />
          </Button>
        </>
      )}
    </search>
  );
}

/** Arrow keys in a group of which one item at a time can be reached by Tab. */
import type { RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';

export interface Roving {
  /** For the group; its items are its `[data-item]`, in order. */
  holder: RefObject<HTMLDivElement | null>;
  onKeyDown: (event: KeyboardEvent) => void;
  tabIndexOf: (item: number) => 0 | -1;
  /** When an item is focused by other means. */
  onFocus: (item: number) => void;
}

export function useRoving(count: number): Roving {
  const holder = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const focusable = Math.min(current, Math.max(0, count - 1));
  return {
    holder,
    tabIndexOf: (item) => (item === focusable ? 0 : -1),
    onFocus: setCurrent,
    onKeyDown(event) {
      const items = [...(holder.current?.querySelectorAll<HTMLElement>('[data-item]') ?? [])];
      const perRow = Math.max(1, countPerRow(items));
      const last = items.length - 1;
      const targets: Record<string, number> = {
        ArrowRight: focusable + 1,
        ArrowLeft: focusable - 1,
        ArrowDown: focusable + perRow,
        ArrowUp: focusable - perRow,
        Home: 0,
        End: last,
      };
      const target = targets[event.key];
      if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const item = Math.max(0, Math.min(last, target));
      setCurrent(item);
      items[item]?.focus();
    },
  };
}

function countPerRow(items: HTMLElement[]): number {
  const top = items[0]?.offsetTop;
  return items.filter((item) => item.offsetTop === top).length;
}

/** Where an arrow key leads from a layer. Pure. */
import type { PlacedItem } from './geometry';

export function neighbour(items: readonly PlacedItem[], at: PlacedItem, key: string): PlacedItem | undefined {
  const column = items.filter(({ item }) => item.model === at.item.model);
  const index = column.indexOf(at);
  switch (key) {
    case 'ArrowDown':
      return column[index + 1];
    case 'ArrowUp':
      return column[index - 1];
    case 'Home':
      return column[0];
    case 'End':
      return column.at(-1);
    case 'ArrowLeft':
    case 'ArrowRight': {
      const models = [...new Set(items.map(({ item }) => item.model))].sort((a, b) => a - b);
      const next = models[models.indexOf(at.item.model) + (key === 'ArrowLeft' ? -1 : 1)];
      return nearest(
        items.filter(({ item }) => item.model === next),
        at.rowTop,
      );
    }
    default:
      return undefined;
  }
}

function nearest(items: readonly PlacedItem[], y: number): PlacedItem | undefined {
  let best = items[0];
  for (const one of items) if (Math.abs(one.rowTop - y) < Math.abs(best!.rowTop - y)) best = one;
  return best;
}

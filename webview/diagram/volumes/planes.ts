/** Where on a solid a feature map is seen: what a picture's maps are painted on. Pure. */
import type { PlacedItem, Point } from './types';

export interface SeenPlane {
  origin: Point;
  across: Point;
  down: Point;
  /** Which of the maps stands here: the strongest, 0, where all of it can be seen. */
  rank: number;
}

/** The map that a face shows; undefined for edges and backs. */
export function planeOfFace({ faces, map, isColumn }: PlacedItem, index: number): SeenPlane | undefined {
  const face = faces[index]!;
  const [origin, across, , down] = face.points;
  const isStack = faces.every(({ shade }) => shade === 'front');
  if (isStack || isColumn) {
    if (face.shade !== 'front') return undefined;
    return {
      origin: origin!,
      across: minus(across!, origin!),
      down: minus(down!, origin!),
      rank: isStack ? faces.length - 1 - index : 0,
    };
  }
  // The last face but for the front, which covers nothing of it.
  if (!map || !liesOn(map.origin, face.points) || face.shade === 'top') return undefined;
  const isMap = face.shade === (map.across.y === 0 ? 'front' : 'side');
  return isMap ? { ...map, rank: 0 } : undefined;
}

function minus(a: Point, b: Point): Point {
  return { x: a.x - b.x, y: a.y - b.y };
}

function liesOn(point: Point, corners: readonly Point[]): boolean {
  return corners.some(({ x, y }) => Math.abs(x - point.x) < 0.5 && Math.abs(y - point.y) < 0.5);
}

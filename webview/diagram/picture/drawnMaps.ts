/** What of a layer's output the drawing shows: its maps, the strongest first. Pure. */
import {
  type Activation,
  type Form,
  type MapStatistics,
  type Range,
  rangeOf,
  statisticsOf,
} from '../../shared/maps';

/** Maps with rows and columns; else one map holds everything: a vector, a sequence. */
export function hasMaps({ shape }: Form): boolean {
  return shape.length >= 3 && !isLine(shape);
}

/** All its values lie along one axis. */
function isLine(shape: readonly number[]): boolean {
  return shape.filter((size) => size !== 1).length <= 1;
}

/** As it stands in the drawing: a vector upright. */
export function drawnForm({ shape, layout }: Form): Form {
  return isLine(shape)
    ? { shape: [shape.reduce((count, size) => count * size, 1), 1, 1] }
    : { shape, layout };
}

export interface RankedMap {
  map: number;
  statistics: MapStatistics;
}

export interface LayerValues {
  /** As it is drawn. */
  activation: Activation;
  /** The strongest first. */
  maps: RankedMap[];
  /** Over all maps, so that they can be compared. */
  range: Range;
}

export function valuesOf(activation: Activation): LayerValues {
  const maps = statisticsOf(activation)
    .map((statistics, map) => ({ map, statistics }))
    .sort((a, b) => b.statistics.strength - a.statistics.strength || a.map - b.map);
  return { activation, maps, range: rangeOf(maps.map(({ statistics }) => statistics)) };
}

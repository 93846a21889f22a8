/** What there was before something changed it. */
import {
  type ArrayValue,
  birthsSoFar,
  type ClassValue,
  type ObjectValue,
  type UnknownValue,
  type Value,
} from '../values';

/** What was there before the rounds of a loop changed it. */
export interface Journal {
  /** Things born later belong to one round alone. */
  born: number;
  maps: Map<Map<unknown, unknown>, Map<unknown, unknown>>;
  arrays: Map<ArrayValue, Value[]>;
  /** What may have followed the lists among what changed. */
  rests: Map<ArrayValue, UnknownValue | undefined>;
  /** The objects and classes among what changed. */
  owners?: Map<Map<unknown, unknown>, ObjectValue | ClassValue>;
}

export function emptyJournal(): Journal {
  return { born: birthsSoFar(), maps: new Map(), arrays: new Map(), rests: new Map() };
}

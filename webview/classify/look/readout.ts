/**
 * The line that says what is under the pointer. It changes with every move of the pointer, so it is written past the
 * components: nothing else is drawn anew.
 */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

export interface Readout {
  say(text: string): void;
}

export const ReadoutContext = createContext<Readout>({ say: () => {} });

export function useReadout(): Readout {
  return useContext(ReadoutContext);
}

/** Whether a picture's class, as the model calls it, is the one that its data says. Pure. */

export type Judgement = 'right' | 'wrong' | 'unknown';

/** Classes without names are numbers: they can be compared with classes that are numbers, too, not with names. */
export function judge(label: string, truth: string): Judgement {
  if (label === truth) return 'right';
  const number = /^class (\d+)$/.exec(label)?.[1];
  if (number === undefined) return 'wrong';
  return /^\d+$/.test(truth) ? (number === truth ? 'right' : 'wrong') : 'unknown';
}

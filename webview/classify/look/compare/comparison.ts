import type { Shown } from '../../shown';

/** What the picture shown is compared with. */
export type ComparedAnswer =
  | { kind: 'none' }
  | { kind: 'working'; message: string }
  | { kind: 'failed'; message: string }
  | { kind: 'shown'; answer: Pick<Shown, 'imageName' | 'modelName' | 'result'> };

import { UserFacingError } from '../errors';

/** Stands in, in the browser, for the commands that need a process. */
export function needsProcess(): never {
  throw new UserFacingError(
    'Training and classification run in a process of their own, which a browser cannot start. Open this folder in VS Code on a computer or on a remote machine to use them. Shapes, diagrams and checks work here.',
    [],
    'information',
  );
}

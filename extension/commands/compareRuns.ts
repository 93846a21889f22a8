import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';
import { pickRuns, runsMeant } from '../runPick';

/** More curves than these cannot be told from each other. */
const mostCompared = 8;

/** Lays the curves of several runs over each other. Called with one, it asks with which others. */
export async function compareRuns(
  context: ComputeContext,
  argument?: unknown,
  selected?: unknown,
): Promise<void> {
  const title = 'Compare which runs?';
  const named = await runsMeant(context, argument, selected, { title });
  const [first, ...others] = named;
  if (!first) return;
  if (others.length === 0) {
    const isOther = ({ folder }: { folder: { toString(): string } }) =>
      folder.toString() !== first.folder.toString();
    others.push(
      ...(await pickRuns(
        context,
        {
          title: 'Compare it with which runs?',
          accepts: isOther,
          why: 'besides the one that is shown is needed.',
        },
        true,
      )),
    );
    if (others.length === 0) return;
  }
  if (others.length >= mostCompared) {
    throw new UserFacingError(
      `${others.length + 1} runs are too many to tell their curves apart. Choose up to ${mostCompared}.`,
      [],
      'information',
    );
  }
  await context.trainingPanel.show().showRun(
    first.folder,
    others.map(({ folder }) => folder),
  );
}

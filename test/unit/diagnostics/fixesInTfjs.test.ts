/**
 * Random programs that tfjs rejects: every quick fix that is offered for the error must get tfjs further than before.
 *
 * LAYERWISE_FIX_PROGRAMS sets the number of programs, LAYERWISE_FIX_SEED the seed.
 */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { applyEdits } from '../../../language-server/diagnostics/edits';
import { quickFixes } from '../../../language-server/diagnostics/quickFixes';
import { Random } from '../../differential/layerCases';
import { makeProgram } from '../../differential/programs';
import { runInTfjs } from '../../harness/programsInTfjs';
import { analyseText, prelude } from '../analysis/check';

const path = '/workspace/main.ts';

/** The statement at which tfjs throws, counted from the end: edits put statements in only before it. */
function thrownBeforeEnd(program: string): { left: number; message: string } | null {
  const lines = program.trim().split('\n');
  const { throws } = runInTfjs(lines);
  return throws ? { left: lines.length - throws.line, message: throws.message } : null;
}

describe('quick fixes, tried in tfjs', function () {
  this.timeout(120_000);
  before(() => tf.setBackend('cpu'));

  it('get tfjs past the error', async () => {
    const random = new Random(Number(process.env['LAYERWISE_FIX_SEED'] ?? 1989));
    const count = Number(process.env['LAYERWISE_FIX_PROGRAMS'] ?? 150);
    let offered = 0;
    for (let number = 0; number < count; number++) {
      // Half of the programs are spoilt by the slips that the generator itself does not make.
      const program = spoil(makeProgram(random).join('\n'), random);
      const text = prelude + program;
      const before = thrownBeforeEnd(program);
      if (!before) continue;
      const analysis = analyseText(text, {}, path);
      const first = analysis.problems.find(
        ({ severity, stage }) => severity === 'error' && stage !== 'predict',
      );
      if (!first) continue;
      const fixes = await quickFixes({
        path,
        text,
        analysis,
        problem: first,
        analyse: async (edited) => analyseText(edited, {}, path),
      });
      for (const { title, edits } of fixes) {
        offered++;
        const fixed = applyEdits(text, edits).slice(prelude.length);
        const after = thrownBeforeEnd(fixed);
        assert.ok(
          !after || after.left < before.left || after.message !== before.message,
          `${first.code}: "${title}"\n${program}\nstill throws: ${after?.message}\nin\n${fixed}`,
        );
      }
    }
    console.log(`    ${offered} fixes were tried`);
    assert.ok(offered > count / 20);
  });
});

const slips: [RegExp, string][] = [
  [/, inputShape: \[[^\]]*\]/, ''],
  [/units: \d+,? ?/, ''],
  [/filters: \d+,? ?/, ''],
  [/kernelSize: \d+/, 'kernelSize: 12'],
  [/padding: 'same'/, "padding: 'SAME'"],
  [/activation: 'relu'/, "activation: 'Relu'"],
  [/returnSequences: true/, 'returnSequences: false'],
  [/inputShape: \[(\d+), (\d+), \d+\]/, 'inputShape: [$1, $2]'],
];

function spoil(program: string, random: Random): string {
  const at = random.int(0, 2 * slips.length - 1);
  const slip = slips[at];
  return slip ? program.replace(...slip) : program;
}

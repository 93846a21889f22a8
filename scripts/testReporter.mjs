// Mocha's `spec` reporter that also appends every result to the file named in LAYERWISE_TEST_RESULTS, one JSON object
// a line, as it happens: scripts/test.mjs sums them up, and still knows what passed when a suite dies half-way.
import { appendFileSync } from 'node:fs';
import Mocha from 'mocha';

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants;

export default class TestReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.LAYERWISE_TEST_RESULTS;
    if (!file) return;
    const append = (result) => appendFileSync(file, `${JSON.stringify(result)}\n`);
    runner.on(EVENT_TEST_PASS, (test) => append({ kind: 'passed', title: test.fullTitle() }));
    runner.on(EVENT_TEST_FAIL, (test, error) =>
      append({ kind: 'failed', title: test.fullTitle(), message: String(error?.message ?? error) }),
    );
    runner.on(EVENT_TEST_PENDING, (test) =>
      append({ kind: 'pending', title: test.fullTitle(), reason: skipReason(test) }),
    );
    runner.on(EVENT_RUN_END, () => append({ kind: 'end' }));
  }
}

/** Mocha's `skip()` takes no reason; test/harness/skip.ts leaves it on the test or on a suite around it. */
function skipReason(test) {
  for (let at = test; at; at = at.parent) if (at.skipReason) return at.skipReason;
  return undefined;
}

/** Types of testReporter.mjs. */
import type { reporters } from 'mocha';

declare const TestReporter: typeof reporters.Spec;
export default TestReporter;

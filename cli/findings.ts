/** What `layerwise check` has found, for whichever report. */
import type { Problem, Range } from '../model-graph/graph';

export interface Place {
  /** Relative to the working folder, where the file lies within it. */
  path: string;
  range: Range;
}

export interface Finding extends Place {
  code: string;
  severity: Problem['severity'];
  message: string;
  related: (Place & { message: string })[];
}

export interface CheckResult {
  /** Files that were analysed: those that mention TensorFlow.js. */
  files: string[];
  findings: Finding[];
}

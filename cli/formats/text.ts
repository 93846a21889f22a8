/** One line for each finding, in the form that terminals and editors make links of, and its related places beneath. */
import type { CheckResult, Place } from '../findings';

export function textReport({ findings }: CheckResult): string {
  return findings
    .flatMap((finding) => [
      `${at(finding)}: ${finding.severity}: ${finding.message} [${finding.code}]`,
      ...finding.related.map((related) => `    ${at(related)}: ${related.message}`),
    ])
    .join('\n');
}

/** Lines and columns count from 1, as people and editors count them. */
function at({ path, range }: Place): string {
  return `${path}:${range.start.line + 1}:${range.start.character + 1}`;
}

/** The form of `layerwise inspect --format json`, with the diagnostics alone. Lines and characters count from 0. */
import { documentationUrl } from '../../language-server/diagnostics/diagnostic';
import type { CheckResult } from '../findings';

export function jsonReport({ files, findings }: CheckResult): string {
  const paths = new Set([...files, ...findings.map((finding) => finding.path)]);
  const report = {
    version: 1,
    files: [...paths].map((path) => ({
      path,
      diagnostics: findings
        .filter((finding) => finding.path === path)
        .map(({ range, severity, code, message, related }) => ({
          range,
          severity,
          code,
          message,
          related,
          documentation: documentationUrl(code),
        })),
    })),
  };
  return JSON.stringify(report, null, 2);
}

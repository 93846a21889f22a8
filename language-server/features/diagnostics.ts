/** What TensorFlow.js would throw, at the call that is to blame. */
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import type { DocumentAnalysis } from '../analysisService';
import { documentationUrl } from '../diagnostics/diagnostic';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

export function diagnostics(analysis: DocumentAnalysis, uri: string): Diagnostic[] {
  return analysis.problems.flatMap(({ code, severity, message, location, related }) =>
    location?.path === uri
      ? [
          {
            range: location.range,
            severity: severities[severity],
            source: 'layerwise',
            code,
            codeDescription: { href: documentationUrl(code) },
            message,
            relatedInformation: related?.map(({ message: text, location: at }) => ({
              message: text,
              location: { uri: at.path, range: at.range },
            })),
          },
        ]
      : [],
  );
}

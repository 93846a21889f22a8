/** SARIF 2.1.0, as code scanning takes it. Lines and columns count from 1; a region ends behind its last character. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { diagnosticKinds } from '../../language-server/diagnostics';
import { documentationUrl } from '../../language-server/diagnostics/diagnostic';
import type { CheckResult, Place } from '../findings';
import { version } from '../version';

const levels = { error: 'error', warning: 'warning', information: 'note' } as const;

export function sarifReport({ findings }: CheckResult): string {
  const rules = diagnosticKinds.map(({ code }) => ({
    id: code,
    shortDescription: { text: titleOf(code) },
    fullDescription: { text: `Layerwise: ${titleOf(code)}.` },
    helpUri: documentationUrl(code),
    help: { text: `What it means, and a program put right: ${documentationUrl(code)}` },
  }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Layerwise',
            version,
            informationUri: 'https://github.com/layerwise/layerwise',
            rules,
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => ({
          ruleId: finding.code,
          ruleIndex: rules.findIndex(({ id }) => id === finding.code),
          level: levels[finding.severity],
          message: { text: finding.message },
          locations: [{ physicalLocation: physicalLocation(finding) }],
          ...(finding.related.length > 0
            ? {
                relatedLocations: finding.related.map((related, id) => ({
                  id,
                  physicalLocation: physicalLocation(related),
                  message: { text: related.message },
                })),
              }
            : {}),
        })),
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

function physicalLocation({ path: file, range }: Place): unknown {
  return {
    artifactLocation: path.isAbsolute(file)
      ? { uri: pathToFileURL(file).href }
      : { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' },
    region: {
      startLine: range.start.line + 1,
      startColumn: range.start.character + 1,
      endLine: range.end.line + 1,
      endColumn: range.end.character + 1,
    },
  };
}

/** `Missing input shape` */
function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words[0]!.toUpperCase() + words.slice(1);
}

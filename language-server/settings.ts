/** The user's settings that the server heeds. Fetched per document, never kept in globals. */
import { z } from 'zod';

const schema = z.object({
  inlayHints: z
    .object({ enabled: z.boolean().catch(true), parameters: z.boolean().catch(true) })
    .catch({ enabled: true, parameters: true }),
  codeLens: z.object({ enabled: z.boolean().catch(true) }).catch({ enabled: true }),
  diagnostics: z.object({ enabled: z.boolean().catch(true) }).catch({ enabled: true }),
});

export type Settings = z.infer<typeof schema>;

/** What is missing or of the wrong type takes its default. */
export function readSettings(configuration: unknown): Settings {
  return schema.parse(configuration ?? {});
}

export const defaultSettings: Settings = readSettings({
  inlayHints: { enabled: true, parameters: true },
  codeLens: { enabled: true },
  diagnostics: { enabled: true },
});

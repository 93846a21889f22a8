import { z } from 'zod';

/** What every webview says first; nothing is posted to it before. */
export const ready = z.object({ type: z.literal('ready') });

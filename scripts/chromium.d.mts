/** Types of chromium.mjs. */
export function findChromium(): string | undefined;
export function ensureChromium(): Promise<string>;
export const chromiumArguments: string[];

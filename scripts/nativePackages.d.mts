/** Types of nativePackages.mjs. */
export interface Platform {
  os: string;
  cpu: string;
  libc?: string;
}
export const targets: Record<'linux-x64' | 'darwin-x64' | 'win32-x64', Platform>;
export function compiledFor(file: string): { os: string; cpu: string } | null;
export function checkNativeCode(folder: string, files: string[], platform: Platform): void;

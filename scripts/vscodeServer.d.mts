/** Types of vscodeServer.mjs, which stays plain JavaScript so that `npm start` needs nothing installed. */

export interface ServerOptions {
  /** User data, extensions and logs; without it a temporary folder that `stop` removes. */
  dataFolder?: string;
  extensionsFolder?: string;
  /** Added to the user's settings. */
  settings?: Record<string, unknown>;
  /** Without it, a free one. */
  port?: number;
  /** Whether VS Code asks for trust; without it, everything is trusted. */
  workspaceTrust?: boolean;
  /** Honours extensionDevelopmentPath and extensionTestsPath in the address, and hides notifications and dialogs. */
  smokeTestDriver?: boolean;
  env?: Record<string, string>;
  logFile?: string;
}

export interface Server {
  /** `http://127.0.0.1:PORT` */
  base: string;
  authority: string;
  extensionsFolder: string;
  logFile: string;
  exited: Promise<unknown>;
  address(folder: string, payload?: [string, string][]): string;
  remoteUri(file: string): string;
  stop(): Promise<void>;
}

export function installExtension(vsix: string, extensionsFolder: string): Promise<void>;
export function startServer(options?: ServerOptions): Promise<Server>;

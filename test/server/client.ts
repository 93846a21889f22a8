/** The real server process, spoken to over its real protocol, as an editor speaks to it. */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import path from 'node:path';
import {
  type CodeLens,
  createProtocolConnection,
  type Diagnostic,
  type DocumentSymbol,
  type Hover,
  type InlayHint,
  IPCMessageReader,
  IPCMessageWriter,
  type MarkupContent,
  type ProtocolConnection,
} from 'vscode-languageserver-protocol/node';
import {
  listFilesMethod,
  type ModelGraphsResult,
  modelGraphsChangedMethod,
  modelGraphsMethod,
  readFileMethod,
} from '../../protocol/languageServer';

export class ServerClient {
  private readonly diagnosed = new Map<string, Diagnostic[]>();
  private readonly waiting: (() => void)[] = [];
  readonly changed: { uri: string; version: number }[] = [];
  /** Files that the server asked for, in order. */
  readonly reads: string[] = [];
  /** How often the server asked for new hints. */
  refreshes = 0;

  private constructor(
    private readonly process: ChildProcess,
    readonly connection: ProtocolConnection,
  ) {}

  /** `files` are those on the disk that the client would read for the server, by URI; earlier states as `<URI>@<revision>`. */
  static async start(files: Record<string, string> = {}, configuration: unknown = {}): Promise<ServerClient> {
    const child = fork(path.resolve('dist/server.js'), ['--node-ipc'], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    const client = new ServerClient(child, connection);
    connection.onRequest(readFileMethod, ({ uri: path, revision }: { uri: string; revision?: string }) => {
      const uri = revision === undefined ? path : `${path}@${revision}`;
      client.reads.push(uri);
      client.wake();
      return { text: files[uri] ?? null };
    });
    connection.onRequest(listFilesMethod, () => ({ uris: Object.keys(files) }));
    connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
      items.map(() => configuration),
    );
    connection.onRequest('client/registerCapability', () => null);
    connection.onRequest('workspace/inlayHint/refresh', () => {
      client.refreshes++;
      client.wake();
      return null;
    });
    connection.onRequest('workspace/codeLens/refresh', () => null);
    connection.onNotification(
      'textDocument/publishDiagnostics',
      ({ uri, diagnostics }: { uri: string; diagnostics: Diagnostic[] }) => {
        client.diagnosed.set(uri, diagnostics);
        client.wake();
      },
    );
    connection.onNotification(modelGraphsChangedMethod, (params: { uri: string; version: number }) => {
      client.changed.push(params);
      client.wake();
    });
    connection.listen();
    await connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {
        workspace: {
          configuration: true,
          inlayHint: { refreshSupport: true },
          codeLens: { refreshSupport: true },
          didChangeWatchedFiles: { dynamicRegistration: true },
        },
      },
    });
    await connection.sendNotification('initialized', {});
    return client;
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Waits for a notification that makes the condition true. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  open(uri: string, text: string, languageId = 'typescript'): Promise<void> {
    return this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId, version: 1, text },
    });
  }

  change(uri: string, version: number, text: string): Promise<void> {
    return this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ text }],
    });
  }

  async hints(uri: string): Promise<string[]> {
    const hints = await this.rawHints(uri);
    return hints.map(({ label }) =>
      typeof label === 'string' ? label : label.map(({ value }) => value).join(''),
    );
  }

  async rawHints(uri: string): Promise<InlayHint[]> {
    const hints = await this.connection.sendRequest<InlayHint[] | null>('textDocument/inlayHint', {
      textDocument: { uri },
      range: { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } },
    });
    return hints ?? [];
  }

  async hover(uri: string, line: number, character: number): Promise<string | null> {
    const hover = await this.connection.sendRequest<Hover | null>('textDocument/hover', {
      textDocument: { uri },
      position: { line, character },
    });
    return hover ? (hover.contents as MarkupContent).value : null;
  }

  lenses(uri: string): Promise<CodeLens[]> {
    return this.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } });
  }

  symbols(uri: string): Promise<DocumentSymbol[]> {
    return this.connection.sendRequest('textDocument/documentSymbol', { textDocument: { uri } });
  }

  modelGraphs(uri: string): Promise<ModelGraphsResult> {
    return this.connection.sendRequest(modelGraphsMethod, { uri });
  }

  async diagnostics(
    uri: string,
    condition: (found: Diagnostic[]) => boolean = () => true,
  ): Promise<Diagnostic[]> {
    await this.until(() => this.diagnosed.has(uri) && condition(this.diagnosed.get(uri)!));
    return this.diagnosed.get(uri)!;
  }

  /** Resident memory of the server process, in bytes. */
  memory(): number {
    const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(this.process.pid)], {
      encoding: 'utf8',
    });
    return Number(kilobytes) * 1024;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    await gone;
    this.connection.dispose();
  }
}

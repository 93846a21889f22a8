/**
 * The language server, the same in Node and in a browser worker: documents in, hints, hovers, lenses and diagnostics
 * out. Everything it says of a document comes from one analysis, kept by the document's version.
 */
import {
  type CancellationToken,
  CodeActionKind,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeResult,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  listFilesMethod,
  listFilesResult,
  type ModelFileResult,
  type ModelGraphsResult,
  modelFileMethod,
  modelFileParams,
  modelGraphsChangedMethod,
  modelGraphsMethod,
  modelGraphsParams,
  readBytesMethod,
  readBytesResult,
  readFileMethod,
  readFileResult,
  revisionGraphsMethod,
  revisionGraphsParams,
  type SizedModelResult,
  sizedModelMethod,
  sizedModelParams,
} from '../protocol/languageServer';
import { toWire } from '../protocol/modelGraph';
import { AnalysisService, type AnalysisSources, type DocumentAnalysis } from './analysisService';
import { codeActions } from './features/codeActions';
import { codeLenses } from './features/codeLens';
import { diagnostics } from './features/diagnostics';
import { documentSymbols } from './features/documentSymbols';
import { hover, nameHover } from './features/hover';
import { inlayHints, resolveInlayHint } from './features/inlayHints';
import { layerDefinitions, layerNameCompletions } from './features/layerNames';
import { readModelFile } from './modelFile';
import { defaultSettings, readSettings, type Settings } from './settings';
import { sizedModel } from './sizedModel';
import { WorkspaceIndex } from './workspaceIndex';

/** Typing must pause this long before diagnostics and drawings follow; hints come as the editor asks for them. */
const settleMilliseconds = 150;

/** What differs between the two entry points. */
export interface ServerRuntime {
  /** A file's bytes, where the runtime has a file system that holds it; undefined: the client is asked. */
  readBytes?(uri: string): Promise<Uint8Array> | undefined;
}

export function startServer(connection: Connection, runtime: ServerRuntime = {}): void {
  const documents = new TextDocuments(TextDocument);
  const settings = new Map<string, Promise<Settings>>();
  const pending = new Map<string, ReturnType<typeof setTimeout>>();
  let refreshing: ReturnType<typeof setTimeout> | undefined;
  let canConfigure = false;
  let canWatch = false;
  let canRefreshHints = false;
  let canRefreshLenses = false;

  const sources: AnalysisSources = {
    openDocument: (uri) => documents.get(uri)?.getText(),
    readFile: async (uri) => {
      try {
        return readFileResult.parse(await connection.sendRequest(readFileMethod, { uri })).text;
      } catch {
        return null; // a client that cannot read files: imports stay unknown
      }
    },
  };
  const index = new WorkspaceIndex({
    ...sources,
    listFiles: async () => listFilesResult.parse(await connection.sendRequest(listFilesMethod)).uris,
  });
  const service = new AnalysisService(sources, {
    index,
    changed: (uris) => {
      refreshEditors();
      for (const uri of uris) settle(uri);
    },
  });

  /** Every answer goes through here: a fault becomes the fallback and a line in the log, never an error in the editor. */
  async function safely<T>(
    what: string,
    token: CancellationToken | undefined,
    fallback: T,
    run: () => Promise<T>,
  ): Promise<T> {
    try {
      if (token?.isCancellationRequested) return fallback;
      return await run();
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      connection.console.error(
        `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      return fallback;
    }
  }

  function settingsOf(uri: string): Promise<Settings> {
    if (!canConfigure) return Promise.resolve(defaultSettings);
    let known = settings.get(uri);
    if (!known) {
      known = connection.workspace
        .getConfiguration({ scopeUri: uri, section: 'layerwise' })
        .then(readSettings, () => defaultSettings);
      settings.set(uri, known);
    }
    return known;
  }

  connection.onInitialize(({ capabilities }): InitializeResult => {
    canConfigure = capabilities.workspace?.configuration === true;
    canWatch = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    canRefreshHints = capabilities.workspace?.inlayHint?.refreshSupport === true;
    canRefreshLenses = capabilities.workspace?.codeLens?.refreshSupport === true;
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        inlayHintProvider: { resolveProvider: true },
        hoverProvider: true,
        codeLensProvider: { resolveProvider: false },
        documentSymbolProvider: true,
        completionProvider: { triggerCharacters: ["'", '"', '`'] },
        definitionProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      },
      serverInfo: { name: 'layerwise' },
    };
  });

  connection.onInitialized(() => {
    void safely('Registering', undefined, undefined, async () => {
      if (canConfigure)
        await connection.client.register(DidChangeConfigurationNotification.type, { section: 'layerwise' });
      if (canWatch) {
        await connection.client.register(DidChangeWatchedFilesNotification.type, {
          watchers: [{ globPattern: '**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,json}' }],
        });
      }
    });
  });

  connection.onDidChangeConfiguration(() => {
    settings.clear();
    refreshEditors();
    for (const document of documents.all()) settle(document.uri);
  });

  connection.onDidChangeWatchedFiles(({ changes }) => {
    const affected = service.filesChanged(changes.map((change) => change.uri));
    if (affected.length === 0) return;
    refreshEditors();
    for (const uri of affected) settle(uri);
  });

  function refreshEditors(): void {
    if (canRefreshHints) void connection.languages.inlayHint.refresh();
    if (canRefreshLenses) void connection.sendRequest('workspace/codeLens/refresh').catch(() => undefined);
  }

  documents.onDidChangeContent(({ document }) => {
    // Other open documents may import this one.
    const dependents = service.documentChanged(document.uri);
    for (const uri of dependents) settle(uri);
    settle(document.uri);
    if (dependents.length > 0) {
      clearTimeout(refreshing);
      refreshing = setTimeout(refreshEditors, settleMilliseconds);
    }
  });

  documents.onDidClose(({ document }) => {
    clearTimeout(pending.get(document.uri));
    pending.delete(document.uri);
    settings.delete(document.uri);
    service.documentClosed(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });

  /** Once typing pauses: diagnostics, and word to the drawings. */
  function settle(uri: string): void {
    clearTimeout(pending.get(uri));
    pending.set(
      uri,
      setTimeout(() => {
        pending.delete(uri);
        void safely('Diagnostics', undefined, undefined, async () => {
          const document = documents.get(uri);
          if (!document) return;
          const [analysis, { diagnostics: wanted }] = await Promise.all([
            service.analysisOf(document),
            settingsOf(uri),
          ]);
          if (documents.get(uri)?.version !== document.version) return;
          // Half-typed text has errors of its own; what was said before stays until the text can be read again.
          if (!analysis.hasSyntaxErrors) {
            await connection.sendDiagnostics({
              uri,
              version: document.version,
              diagnostics: wanted.enabled ? diagnostics(analysis, uri) : [],
            });
          }
          await connection.sendNotification(modelGraphsChangedMethod, { uri, version: document.version });
        });
      }, settleMilliseconds),
    );
  }

  connection.languages.inlayHint.on((params, token) =>
    safely('Inlay hints', token, [], async () => {
      const document = documents.get(params.textDocument.uri);
      if (!document) return [];
      const wanted = (await settingsOf(document.uri)).inlayHints;
      return wanted.enabled
        ? inlayHints(await service.analysisOf(document), document, params.range, wanted)
        : [];
    }),
  );
  connection.languages.inlayHint.resolve((hint, token) =>
    safely('Inlay hint', token, hint, async () => {
      const document = documents.get(resolveInlayHint.uriOf(hint) ?? '');
      return document ? resolveInlayHint(hint, await service.analysisOf(document)) : hint;
    }),
  );

  connection.onHover((params, token) =>
    safely('Hover', token, null, async () => {
      const document = documents.get(params.textDocument.uri);
      if (!document) return null;
      const observed = await service.observe(document, document.offsetAt(params.position));
      if (observed) {
        const range = { start: document.positionAt(observed.start), end: document.positionAt(observed.end) };
        return nameHover(observed, range);
      }
      return hover(await service.analysisOf(document), params.position);
    }),
  );

  connection.onCodeLens((params, token) =>
    safely('Code lenses', token, [], async () => {
      const document = documents.get(params.textDocument.uri);
      if (!document) return [];
      const wanted = (await settingsOf(document.uri)).codeLens;
      return wanted.enabled ? codeLenses(await service.analysisOf(document), document.uri) : [];
    }),
  );

  connection.onDocumentSymbol((params, token) =>
    safely('Document symbols', token, [], async () => {
      const document = documents.get(params.textDocument.uri);
      return document ? documentSymbols(await service.analysisOf(document), document.uri) : [];
    }),
  );

  connection.onCompletion((params, token) =>
    safely('Completion', token, [], async () => {
      const document = documents.get(params.textDocument.uri);
      return document
        ? layerNameCompletions(document, params.position, () => service.analysisOf(document))
        : [];
    }),
  );

  connection.onDefinition((params, token) =>
    safely('Definition', token, [], async () => {
      const document = documents.get(params.textDocument.uri);
      return document ? layerDefinitions(document, params.position, () => service.analysisOf(document)) : [];
    }),
  );

  connection.onCodeAction((params, token) =>
    safely('Code actions', token, [], async () => {
      const document = documents.get(params.textDocument.uri);
      if (!document) return [];
      const analysis = await service.analysisOf(document);
      if (!(await settingsOf(document.uri)).diagnostics.enabled) return [];
      // Texts that are only tried out must not mix with those that are open.
      const trial = new AnalysisService(sources);
      return codeActions(analysis, document, params, (text) => {
        trial.documentClosed(document.uri);
        return trial.analysisOf(TextDocument.create(document.uri, document.languageId, 0, text));
      });
    }),
  );

  connection.onRequest(modelGraphsMethod, (params: unknown, token: CancellationToken) =>
    safely<ModelGraphsResult>(
      'Model graphs',
      token,
      { version: null, graphs: [], problems: [] },
      async () => {
        const document = documents.get(modelGraphsParams.parse(params).uri);
        if (!document) return { version: null, graphs: [], problems: [] };
        return graphsOf(await service.analysisOf(document), document.version);
      },
    ),
  );

  connection.onRequest(revisionGraphsMethod, (params: unknown, token: CancellationToken) =>
    safely<ModelGraphsResult>(
      'Model graphs of a revision',
      token,
      { version: null, graphs: [], problems: [] },
      async () => {
        const { uri, languageId, text, revision } = revisionGraphsParams.parse(params);
        // Of its own: neither open documents nor today's files may mix with what was then.
        const then = new AnalysisService({
          openDocument: () => undefined,
          readFile: async (path) =>
            readFileResult.parse(await connection.sendRequest(readFileMethod, { uri: path, revision })).text,
        });
        return graphsOf(await then.analysisOf(TextDocument.create(uri, languageId, 0, text)), null);
      },
    ),
  );

  connection.onRequest(sizedModelMethod, (params: unknown, token: CancellationToken) =>
    safely<SizedModelResult>('Model of given sizes', token, { graph: null }, async () => {
      const { uri, modelId, sizes } = sizedModelParams.parse(params);
      const document = documents.get(uri);
      return document ? sizedModel(service, document, modelId, sizes) : { graph: null };
    }),
  );

  async function bytesOf(uri: string): Promise<Uint8Array | undefined> {
    const own = runtime.readBytes?.(uri);
    if (own) return own.catch(() => undefined);
    const { data } = readBytesResult.parse(await connection.sendRequest(readBytesMethod, { uri }));
    return data === null ? undefined : Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  }
  connection.onRequest(modelFileMethod, (params: unknown, token: CancellationToken) =>
    safely<ModelFileResult>(
      'Model file',
      token,
      { ok: false, message: 'The file could not be read; the log of Layerwise has more.' },
      async () => {
        const { uri } = modelFileParams.parse(params);
        return readModelFile(uri, await bytesOf(uri));
      },
    ),
  );

  documents.listen(connection);
  connection.listen();
}

function graphsOf(analysis: DocumentAnalysis, version: number | null): ModelGraphsResult {
  return {
    version,
    graphs: analysis.models.map(toWire),
    problems: analysis.problems.map(({ severity, code, message, location }) => ({
      severity,
      code,
      message,
      location,
    })),
  };
}

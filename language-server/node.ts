/** Entry point in Node: speaks over whatever the command line names (`--node-ipc`, `--stdio`, `--socket=…`). */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server';

startServer(createConnection(ProposedFeatures.all), {
  // Models may be hundreds of megabytes: they are read where they are understood.
  readBytes: (uri) => (uri.startsWith('file:') ? readFile(fileURLToPath(uri)) : undefined),
});

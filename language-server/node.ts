/** Entry point in Node: speaks over whatever the command line names (`--node-ipc`, `--stdio`, `--socket=…`). */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server';

startServer(createConnection(ProposedFeatures.all));

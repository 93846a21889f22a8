import * as vscode from 'vscode';

/** Beyond this many, callers of a model builder are no longer worth the reading. */
const maximumFiles = 5000;

/** The programs that may call a model builder of the workspace. */
export function programsOfWorkspace(): Thenable<vscode.Uri[]> {
  return vscode.workspace.findFiles(
    '**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}',
    '**/{node_modules,dist,out,build,.git}/**',
    maximumFiles,
  );
}

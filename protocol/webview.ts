/**
 * Messages between the extension and its webviews. One schema each way per panel; both sides validate on arrival,
 * and nothing is posted before the webview has said `ready`.
 */
export * from './webview/classify';
export * from './webview/classifyInput';
export * from './webview/comparison';
export * from './webview/diagram';
export * from './webview/export';
export * from './webview/looking';
export * from './webview/training';

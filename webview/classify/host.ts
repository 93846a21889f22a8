import type { FromClassify, ToClassify } from '../../protocol/webview';
import type { Host } from '../shared/host';

export type ClassifyHost = Host<ToClassify, FromClassify>;

/** One picture: what the network says it is, and what every layer made of it. */
import '../shared/strictPolicy';
import { render } from 'preact';
import '../shared/tokens.css';
import { type FromClassify, type ToClassify, toClassify } from '../../protocol/webview';
import { connectHost } from '../shared/host';
import { App } from './App';
import './classify.css';
import './look/look.css';
import './inputs/inputs.css';
import './scores/scores.css';
import { savedState } from './shown';

const host = connectHost<ToClassify, FromClassify>(toClassify);
render(<App host={host} saved={host.loadState(savedState)} />, document.getElementById('root')!);

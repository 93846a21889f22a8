/** A run as it learns: the form before it, curves, progress, mistakes, and what to do with it afterwards. */
import '../shared/strictPolicy';
import { render } from 'preact';
import '../shared/tokens.css';
import { type FromTraining, type ToTraining, toTraining } from '../../protocol/webview';
import { connectHost } from '../shared/host';
import { App, savedView } from './App';
import './training.css';
import './setup.css';
import './mistakes.css';

const host = connectHost<ToTraining, FromTraining>(toTraining);
render(<App host={host} saved={host.loadState(savedView)} />, document.getElementById('root')!);

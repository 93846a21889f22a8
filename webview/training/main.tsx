/** A run as it learns: curves, progress, and what to do with it afterwards. */
import '../shared/strictPolicy';
import { render } from 'preact';
import '../shared/tokens.css';
import { type FromTraining, type ToTraining, toTraining } from '../../protocol/webview';
import { connectHost } from '../shared/host';
import { App, savedProgress } from './App';
import './training.css';

const host = connectHost<ToTraining, FromTraining>(toTraining);
render(<App host={host} saved={host.loadState(savedProgress)} />, document.getElementById('root')!);

/** Models side by side: what they are made of, what differs, and what it costs. */
import '../shared/strictPolicy';
import { render } from 'preact';
import '../shared/tokens.css';
import './comparison.css';
import '../shared/export/export.css';
import { App } from './App';
import { connectComparison, savedState } from './host';

const host = connectComparison();
render(<App host={host} saved={host.loadState(savedState)} />, document.getElementById('root')!);

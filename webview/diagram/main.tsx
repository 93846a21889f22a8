/** The architecture beside the code: follows the model as it is typed. */
import '../shared/strictPolicy';
import { render } from 'preact';
import '../shared/tokens.css';
import './diagram.css';
import './reading.css';
import '../shared/export/export.css';
import { App } from './App';
import { connectDiagram, savedState } from './host';

const host = connectDiagram();
render(<App host={host} saved={host.loadState(savedState)} />, document.getElementById('root')!);

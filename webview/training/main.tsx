/** A run as it learns: the form before it, curves, progress, mistakes, and what to do with it afterwards. */
import '../shared/strictPolicy';
import { render } from 'preact';
import '../shared/tokens.css';
import { App, savedView } from './App';
import { connectTraining } from './host';
import './training.css';
import './setup.css';
import './mistakes.css';

const host = connectTraining();
render(<App host={host} saved={host.loadState(savedView)} />, document.getElementById('root')!);

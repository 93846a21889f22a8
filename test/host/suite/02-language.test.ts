/** Hints, hovers and lenses, as VS Code asks for them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { lenet5Hints } from '../../harness/lenet5';
import { becomes, eventually, hintsOf, open, positionOf, replace } from '../support';

const lenet5 = lenet5Hints;

describe('LeNet-5 in the editor', () => {
  let editor: vscode.TextEditor;
  beforeEach(async () => {
    editor = await open('lenet5.ts');
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.files.revert'));

  it('shows every layer\u2019s shape and parameters as inlay hints', async () => {
    await becomes(() => hintsOf(editor.document), lenet5);
  });

  it('follows an edit through all layers', async () => {
    await becomes(() => hintsOf(editor.document), lenet5);
    await replace(editor, 'filters: 6', 'filters: 8');
    await becomes(
      () => hintsOf(editor.document),
      ['→ 28×28×8 · 208', '→ 14×14×8', '→ 10×10×16 · 3,216', ...lenet5.slice(3)],
    );
  });

  it('keeps the hints while the text is syntactically broken', async () => {
    await becomes(() => hintsOf(editor.document), lenet5);
    await replace(editor, 'model.add(tf.layers.flatten());', 'model.add(tf.layers.flatten(');
    await becomes(async () => (await hintsOf(editor.document)).slice(0, 5), lenet5.slice(0, 5));
  });

  it('a click on a hint goes to its layer, whose card opens', async () => {
    const call = positionOf(editor.document, 'tf.layers.conv2d({ filters: 16');
    // What the hint's own command is given, as the server test sees it; VS Code keeps commands of hints to itself.
    await vscode.commands.executeCommand('layerwise.showLayerCard', {
      uri: editor.document.uri.toString(),
      position: { line: call.line, character: call.character },
    });
    assert.deepEqual(editor.selection.active, call);
  });

  it('explains a size in the hover', async () => {
    const position = positionOf(editor.document, 'conv2d({ inputShape', 2);
    const text = await eventually('the hover', async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        editor.document.uri,
        position,
      );
      const all = hovers
        .flatMap(({ contents }) => contents)
        .map((content) => (typeof content === 'string' ? content : content.value))
        .join('\n');
      return all.includes('28') && all.includes('156') ? all : undefined;
    });
    assert.ok(text.includes('(32 − 5 + 0)/1 + 1 = 28'), text);
  });

  it('shows the model\u2019s totals in a code lens', async () => {
    await eventually('a lens with 61,706', async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        editor.document.uri,
        100,
      );
      return lenses.some(({ command }) => command?.title.includes('61,706'));
    });
  });

  it('reports what TensorFlow.js would reject, on the call that is to blame', async () => {
    await replace(editor, 'filters: 6, kernelSize: 5', 'filters: 6, kernelSize: 33');
    const [problem] = await eventually('a diagnostic', () => {
      const ours = vscode.languages
        .getDiagnostics(editor.document.uri)
        .filter(({ source }) => source === 'layerwise');
      return ours.length > 0 ? ours : undefined;
    });
    assert.equal(problem?.range.start.line, positionOf(editor.document, 'kernelSize: 33').line);
  });
});

/** What a program expects to be thrown: tests hand such code to `expect(…).toThrow()` and `assert.throws(…)`. */
import ts from 'typescript';
import type { Range } from '../../model-graph/graph';

/** `toThrow`, `toThrowError`, `assert.throws`, `assertRejects`, `rejects`, `toBeRejected` … */
const expectsFailure = /^(to)?(be)?(throw|rejects|rejected)/i;

/** Whether the code at this place stands in a function that is expected to throw. */
export function isExpectedToFail(file: ts.SourceFile, { start }: Range): boolean {
  const offset = file.getPositionOfLineAndCharacter(start.line, start.character);
  for (let at = innermost(file, offset); at; at = at.parent) {
    const { parent } = at;
    if (!ts.isFunctionLike(at) || !parent || !ts.isCallExpression(parent)) continue;
    if (parent.arguments.includes(at as ts.Node as ts.Expression) && mentionsFailure(parent)) return true;
  }
  return false;
}

function innermost(file: ts.SourceFile, offset: number): ts.Node {
  let found: ts.Node = file;
  const visit = (node: ts.Node): void => {
    if (node.getStart(file) > offset || node.end <= offset) return;
    found = node;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  return found;
}

/** Of the call itself (`assert.throws(…)`), or of what is called on what it gives (`expect(…).rejects.toThrow()`). */
function mentionsFailure(call: ts.CallExpression): boolean {
  const names: string[] = [];
  const callee = call.expression;
  if (ts.isIdentifier(callee)) names.push(callee.text.replace(/^assert/, ''));
  if (ts.isPropertyAccessExpression(callee)) names.push(callee.name.text);
  for (let at: ts.Node = call; ts.isPropertyAccessExpression(at.parent) && at.parent.expression === at; ) {
    if (at.parent.name.text === 'not') return false;
    names.push(at.parent.name.text);
    at = at.parent;
    if (ts.isCallExpression(at.parent) && at.parent.expression === at) at = at.parent;
  }
  return names.some((name) => expectsFailure.test(name));
}

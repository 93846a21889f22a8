/**
 * Evaluates a program's syntax tree over abstract values (`values.ts`), without running it: numbers, arrays, objects,
 * functions and classes as JavaScript has them; layers, symbolic tensors and models through `Topology`; and `Unknown`
 * for everything else.
 *
 * A condition that is not known is decided by a plan; `analyze.ts` runs the program again for the other decisions.
 * Programs are half-typed most of the time, so nothing here may throw on a strange tree; and a step budget ends what
 * would not end by itself.
 *
 * One class in layers, each in a file of its own and built on the one before:
 * `state` (what is kept) → `operators` → `members` (of objects and layers) → `calls` → `classes` → `assignments` →
 * `loops` → `statements` → `expressions`. What only the syntax tells is in `syntax.ts`, what kind a value is in `kinds.ts`.
 */
import ts from 'typescript';
import { shapeCommentsOf } from '../shapeComments';
import type { Scope } from '../values';
import type { Evaluation } from './evaluation';
import { Expressions } from './expressions';

export class Evaluator extends Expressions implements Evaluation {
  evaluateModule(file: ts.SourceFile, scope: Scope): void {
    this.entered.add(file);
    for (const [node, comment] of shapeCommentsOf(file)) this.shapeComments.set(node, comment);
    this.hoistVariables(file, scope);
    this.hoist(file.statements, scope);
    const imports = file.statements.filter(ts.isImportDeclaration);
    const others = file.statements.filter((statement) => !ts.isImportDeclaration(statement));
    // A program that throws at its top level ends there; what follows is still worth showing.
    for (const statement of [...imports, ...others]) this.guarded(() => this.statement(statement, scope));
  }
}

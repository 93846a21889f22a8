/** Statements other than loops. */
import ts from 'typescript';
import { ObjectValue, Scope, type Value } from '../values';
import type { Completion } from './completion';
import { isUndecided } from './kinds';
import { Loops } from './loops';
import { ThrowSignal } from './signals';
import {
  alwaysLeaves,
  alwaysThrows,
  containsLayers,
  isDefaultExport,
  mentionsLayers,
  shortText,
} from './syntax';

export abstract class Statements extends Loops {
  protected statements(list: readonly ts.Statement[], scope: Scope): Completion {
    for (const statement of list) {
      const completion = this.statement(statement, scope);
      if (completion) return completion;
    }
    return undefined;
  }

  protected statement(node: ts.Statement, scope: Scope): Completion {
    this.step();
    if (ts.isExpressionStatement(node)) {
      this.expression(node.expression, scope);
      return undefined;
    }
    if (ts.isVariableStatement(node)) {
      if (node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword))
        this.ambient(node.declarationList, scope);
      else this.declarations(node.declarationList, scope);
      return undefined;
    }
    if (ts.isReturnStatement(node)) {
      return { kind: 'return', value: node.expression ? this.expression(node.expression, scope) : undefined };
    }
    if (ts.isIfStatement(node)) return this.ifStatement(node, scope);
    if (ts.isBlock(node)) return this.block(node, scope);
    if (ts.isForStatement(node)) return this.forStatement(node, scope);
    if (ts.isForOfStatement(node)) return this.forOf(node, scope);
    if (ts.isForInStatement(node)) return this.forIn(node, scope);
    if (ts.isWhileStatement(node)) return this.whileStatement(node, scope);
    if (ts.isDoStatement(node)) return this.whileStatement(node, scope);
    if (ts.isSwitchStatement(node)) return this.switchStatement(node, scope);
    if (ts.isTryStatement(node)) return this.tryStatement(node, scope);
    if (ts.isThrowStatement(node)) throw new ThrowSignal(this.expression(node.expression, scope));
    if (ts.isBreakStatement(node)) return { kind: 'break', label: node.label?.text };
    if (ts.isContinueStatement(node)) return { kind: 'continue', label: node.label?.text };
    if (ts.isLabeledStatement(node)) {
      const completion = this.statement(node.statement, scope);
      return completion?.kind === 'break' && completion.label === node.label.text ? undefined : completion;
    }
    if (ts.isClassDeclaration(node)) {
      const cls = this.classFrom(node, scope);
      scope.declare(node.name?.text ?? 'default', cls);
      if (isDefaultExport(node)) scope.declare('default', cls);
      return undefined;
    }
    if (ts.isFunctionDeclaration(node)) {
      if (isDefaultExport(node) && node.name) scope.declare('default', scope.lookup(node.name.text).value);
      return undefined;
    }
    if (ts.isEnumDeclaration(node)) {
      this.enumDeclaration(node, scope);
      return undefined;
    }
    if (ts.isImportDeclaration(node)) this.modules.bindImport(this.whole, node, scope);
    else if (ts.isImportEqualsDeclaration(node)) this.modules.bindImportEquals(this.whole, node, scope);
    else if (ts.isExportAssignment(node)) scope.declare('default', this.expression(node.expression, scope));
    else if (ts.isModuleDeclaration(node) && node.body && ts.isModuleBlock(node.body)) {
      this.namespaceDeclaration(node, node.body, scope);
    }
    return undefined;
  }

  protected block(node: ts.Block, scope: Scope): Completion {
    const inner = new Scope(scope);
    this.hoist(node.statements, inner);
    return this.statements(node.statements, inner);
  }

  protected ifStatement(node: ts.IfStatement, scope: Scope): Completion {
    // Where a branch leaves and nothing is built in it, what comes after it is the way to show first.
    const isGuard =
      !node.elseStatement && alwaysLeaves(node.thenStatement) && !containsLayers(node.thenStatement);
    const outer = this.expected;
    this.expected = !isGuard;
    const condition = this.expression(node.expression, scope);
    const isTaken = this.takesBranch(node, condition);
    this.expected = outer;
    if (isTaken) return this.statement(node.thenStatement, scope);
    return node.elseStatement ? this.statement(node.elseStatement, scope) : undefined;
  }

  protected takesBranch(node: ts.IfStatement, condition: Value): boolean {
    if (isUndecided(condition)) {
      // A branch that only throws is a guard: what comes after it holds the other way.
      if (alwaysThrows(node.thenStatement)) return false;
      if (node.elseStatement && alwaysThrows(node.elseStatement)) return true;
    }
    return this.truthy(condition, node.expression);
  }

  protected switchStatement(node: ts.SwitchStatement, scope: Scope): Completion {
    const subject = this.expression(node.expression, scope);
    const inner = new Scope(scope);
    const { clauses } = node.caseBlock;
    let start = -1;
    for (let index = 0; index < clauses.length && start < 0; index++) {
      const clause = clauses[index]!;
      if (!ts.isCaseClause(clause)) continue;
      const equal = this.strictEqual(
        subject,
        this.expression(clause.expression, inner),
        clause.expression,
        node.expression,
      );
      if (this.truthy(equal, clause.expression)) start = index;
    }
    if (start < 0) start = clauses.findIndex(ts.isDefaultClause);
    if (start < 0) return undefined;
    for (const clause of clauses.slice(start)) {
      const completion = this.statements(clause.statements, inner);
      if (completion?.kind === 'break' && completion.label === undefined) return undefined;
      if (completion) return completion;
    }
    return undefined;
  }

  protected tryStatement(node: ts.TryStatement, scope: Scope): Completion {
    const { catchClause } = node;
    const handle = (error: Value): Completion => {
      if (!catchClause) return undefined;
      const inner = new Scope(scope);
      if (catchClause.variableDeclaration) this.bind(catchClause.variableDeclaration.name, error, inner);
      return this.block(catchClause.block, inner);
    };
    let completion: Completion;
    try {
      // `try { load() } catch { build() }`: whether it throws is for the world to say; both ways are shown.
      const mayThrow = catchClause && mentionsLayers(catchClause.block) && !mentionsLayers(node.tryBlock);
      completion =
        !mayThrow || this.decide(`no error in ${shortText(node.tryBlock)}`)
          ? this.block(node.tryBlock, scope)
          : handle(this.unknown(catchClause, 'what is thrown is not known'));
    } catch (error) {
      if (!(error instanceof ThrowSignal) || !catchClause) throw error;
      completion = handle(error.value);
    } finally {
      if (node.finallyBlock) completion = this.block(node.finallyBlock, scope) ?? completion;
    }
    return completion;
  }

  protected enumDeclaration(node: ts.EnumDeclaration, scope: Scope): void {
    const members = new ObjectValue();
    const inner = new Scope(scope);
    let next: Value = 0;
    for (const member of node.members) {
      const name = this.propertyName(member.name, scope);
      if (name === undefined) continue;
      const value: Value = member.initializer ? this.expression(member.initializer, inner) : next;
      members.properties.set(name, value);
      if (typeof value === 'number') members.properties.set(String(value), name);
      inner.declare(name, value);
      next = typeof value === 'number' ? value + 1 : undefined;
    }
    scope.declare(node.name.text, members);
  }

  protected namespaceDeclaration(node: ts.ModuleDeclaration, body: ts.ModuleBlock, scope: Scope): void {
    const inner = new Scope(scope);
    this.hoist(body.statements, inner);
    this.statements(body.statements, inner);
    scope.declare(node.name.text, new ObjectValue(inner.entries()));
  }
}

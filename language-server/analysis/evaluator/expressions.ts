/** Expressions. */
import ts from 'typescript';
import { isSymbolic } from '../../../model-graph/dims';
import { textOf } from '../builtins/data';
import { globalValue } from '../builtins/globals';
import { importMeta, placeOfModule } from '../nodePaths';
import { isOptions } from '../receivers';
import { literalExpression } from '../regularExpressions';
import { withShapeComment } from '../shapeComments';
import { memberOfTf } from '../tfjs/namespace';
import {
  ArrayValue,
  type CallSite,
  ClassValue,
  FunctionValue,
  ObjectValue,
  Scope,
  UnknownValue,
  type Value,
} from '../values';
import { asNumber, isPrimitive, isUndecided, mistake } from './kinds';
import { Statements } from './statements';
import { functionName, shortText, skipParentheses } from './syntax';

/** What exists in a browser, or in Node, but not everywhere. */
const runtimeGlobals = new Set([
  'window',
  'self',
  'document',
  'navigator',
  'process',
  'require',
  'module',
  'importScripts',
]);

const compoundOperators = new Map<ts.SyntaxKind, ts.SyntaxKind>([
  [ts.SyntaxKind.PlusEqualsToken, ts.SyntaxKind.PlusToken],
  [ts.SyntaxKind.MinusEqualsToken, ts.SyntaxKind.MinusToken],
  [ts.SyntaxKind.AsteriskEqualsToken, ts.SyntaxKind.AsteriskToken],
  [ts.SyntaxKind.SlashEqualsToken, ts.SyntaxKind.SlashToken],
  [ts.SyntaxKind.PercentEqualsToken, ts.SyntaxKind.PercentToken],
  [ts.SyntaxKind.AsteriskAsteriskEqualsToken, ts.SyntaxKind.AsteriskAsteriskToken],
  [ts.SyntaxKind.BarEqualsToken, ts.SyntaxKind.BarToken],
  [ts.SyntaxKind.AmpersandEqualsToken, ts.SyntaxKind.AmpersandToken],
  [ts.SyntaxKind.CaretEqualsToken, ts.SyntaxKind.CaretToken],
  [ts.SyntaxKind.LessThanLessThanEqualsToken, ts.SyntaxKind.LessThanLessThanToken],
  [ts.SyntaxKind.GreaterThanGreaterThanEqualsToken, ts.SyntaxKind.GreaterThanGreaterThanToken],
  [ts.SyntaxKind.BarBarEqualsToken, ts.SyntaxKind.BarBarToken],
  [ts.SyntaxKind.AmpersandAmpersandEqualsToken, ts.SyntaxKind.AmpersandAmpersandToken],
  [ts.SyntaxKind.QuestionQuestionEqualsToken, ts.SyntaxKind.QuestionQuestionToken],
]);

export abstract class Expressions extends Statements {
  expression(node: ts.Expression, scope: Scope): Value {
    const value = this.evaluate(node, scope);
    const comment = this.shapeComments.get(node);
    return comment ? withShapeComment(this.whole, comment, value, scope) : value;
  }

  protected evaluate(node: ts.Expression, scope: Scope): Value {
    this.step();
    switch (node.kind) {
      case ts.SyntaxKind.NumericLiteral:
        return Number((node as ts.NumericLiteral).text);
      case ts.SyntaxKind.BigIntLiteral:
        return this.unknown(node, 'big integers are not followed');
      case ts.SyntaxKind.StringLiteral:
      case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
        return (node as ts.StringLiteral).text;
      case ts.SyntaxKind.TrueKeyword:
        return true;
      case ts.SyntaxKind.FalseKeyword:
        return false;
      case ts.SyntaxKind.NullKeyword:
        return null;
      case ts.SyntaxKind.ThisKeyword:
        return scope.context ? scope.context.thisValue : this.unknown(node, '`this` is not known here');
    }
    if (ts.isIdentifier(node)) return this.identifier(node, scope);
    if (ts.isPropertyAccessExpression(node)) return this.propertyAccess(node, scope);
    if (ts.isElementAccessExpression(node)) return this.elementAccess(node, scope);
    if (ts.isCallExpression(node)) return this.callExpression(node, scope);
    if (ts.isNewExpression(node)) {
      const callee = this.expression(node.expression, scope);
      const args = this.arguments(node.arguments ?? [], scope);
      const made = this.construct(callee, args, { node, location: this.locate(node) });
      if (made instanceof ObjectValue && made.entries) {
        made.literal = node;
        this.volatileState.created(made);
      }
      return made;
    }
    if (ts.isObjectLiteralExpression(node)) return this.objectLiteral(node, scope);
    if (ts.isArrayLiteralExpression(node)) {
      const array = new ArrayValue();
      array.literal = node;
      this.volatileState.created(array);
      for (const element of node.elements) {
        if (ts.isSpreadElement(element))
          this.spreadInto(array, this.expression(element.expression, scope), element);
        else if (ts.isOmittedExpression(element)) array.items.length++;
        else {
          const item = this.expression(element, scope);
          if (!array.rest) array.items.push(item);
        }
      }
      return array;
    }
    if (
      ts.isParenthesizedExpression(node) ||
      ts.isAsExpression(node) ||
      ts.isTypeAssertionExpression(node) ||
      ts.isSatisfiesExpression(node) ||
      ts.isNonNullExpression(node) ||
      ts.isExpressionWithTypeArguments(node)
    ) {
      return this.expression(node.expression, scope);
    }
    if (ts.isMetaProperty(node)) {
      return importMeta(
        this.locate(node).path,
        this.unknown(node, 'it is known only where the program runs'),
      );
    }
    if (ts.isAwaitExpression(node)) return this.expression(node.expression, scope); // promises are followed as their values
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
      if (ts.isFunctionExpression(node) && node.name) {
        const inner = new Scope(scope);
        const self = this.closure(node, inner, node.name.text);
        inner.declare(node.name.text, self);
        return self;
      }
      return this.closure(node, scope, functionName(node));
    }
    if (ts.isClassExpression(node)) return this.classFrom(node, scope);
    if (ts.isConditionalExpression(node)) {
      const condition = this.expression(node.condition, scope);
      return this.expression(this.truthy(condition, node.condition) ? node.whenTrue : node.whenFalse, scope);
    }
    if (ts.isBinaryExpression(node)) return this.binary(node, scope);
    if (ts.isPrefixUnaryExpression(node)) return this.prefix(node, scope);
    if (ts.isPostfixUnaryExpression(node)) {
      const old = this.asCounter(this.expression(node.operand, scope));
      const by = node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1;
      this.assign(node.operand, this.arithmetic(ts.SyntaxKind.PlusToken, old, by, node), scope);
      return old;
    }
    if (ts.isTemplateExpression(node)) return this.template(node, scope);
    if (ts.isTaggedTemplateExpression(node)) return this.taggedTemplate(node, scope);
    if (ts.isRegularExpressionLiteral(node)) {
      return literalExpression(node.text) ?? this.unknown(node, 'this is no valid regular expression');
    }
    if (ts.isTypeOfExpression(node) && ts.isIdentifier(node.expression)) {
      const { text } = node.expression;
      // Whether this runs in a browser is not known.
      if (runtimeGlobals.has(text) && !scope.lookup(text).found)
        return this.unknown(node, 'where this program runs is not known');
    }
    if (ts.isTypeOfExpression(node)) return this.typeOf(this.expression(node.expression, scope), node);
    if (ts.isVoidExpression(node)) {
      this.expression(node.expression, scope);
      return undefined;
    }
    if (ts.isDeleteExpression(node)) {
      this.deleteMember(node.expression, scope);
      return true;
    }
    if (ts.isYieldExpression(node)) {
      const value = node.expression ? this.expression(node.expression, scope) : undefined;
      const yields = scope.context?.yields;
      if (yields && node.asteriskToken) {
        this.spreadInto(yields, value, node);
        if (value instanceof ArrayValue) return value.returned;
      } else yields?.items.push(value);
      return this.unknown(node, 'what is sent into a generator is not followed');
    }
    if (ts.isCommaListExpression?.(node)) {
      let last: Value;
      for (const element of node.elements) last = this.expression(element, scope);
      return last;
    }
    return this.unknown(node, `\`${shortText(node)}\` is not followed`);
  }

  protected identifier(node: ts.Identifier, scope: Scope): Value {
    const value = this.valueOfName(node, scope);
    this.options.onName?.(node, value);
    return value;
  }

  protected valueOfName(node: ts.Identifier, scope: Scope): Value {
    const name = node.text;
    if (name === '') return mistake(this.unknown(node, 'something is still missing here', '…'));
    if (name === 'undefined') return undefined;
    const { found, value } = scope.lookup(name);
    if (found) return value;
    const builtin = globalValue(this.whole, name) ?? placeOfModule(name, () => this.locate(node).path);
    if (builtin !== undefined) return builtin;
    if (name === 'NaN') return Number.NaN;
    if (name === 'Infinity') return Number.POSITIVE_INFINITY;
    return this.unknown(node, `\`${name}\` is not declared in code that is analysed`);
  }

  protected propertyAccess(node: ts.PropertyAccessExpression, scope: Scope): Value {
    if (node.expression.kind === ts.SyntaxKind.SuperKeyword) {
      const home = scope.context?.home;
      const self = scope.context?.thisValue;
      // Of a static member, what the class above has itself.
      if (self instanceof ClassValue && home?.base instanceof ClassValue) {
        const above = this.member(home.base, node.name.text, node);
        return above instanceof FunctionValue
          ? new FunctionValue(above.node, above.scope, self, above.name, above.home)
          : above;
      }
      const found = this.methodOf(home?.base, node.name.text);
      if (found && ts.isMethodDeclaration(found.member)) {
        return new FunctionValue(
          found.member,
          found.owner.scope!,
          scope.context?.thisValue,
          node.name.text,
          found.owner,
        );
      }
      if (found && ts.isGetAccessor(found.member)) {
        const getter = new FunctionValue(
          found.member,
          found.owner.scope!,
          undefined,
          node.name.text,
          found.owner,
        );
        return this.invoke(getter, [], scope.context?.thisValue, { node, location: this.locate(node) });
      }
      const builtin = memberOfTf(this.whole, scope.context?.thisValue, node.name.text, node);
      if (builtin) return builtin.value;
      return this.unknown(node, 'the base class is not analysed');
    }
    const object = this.expression(node.expression, scope);
    if ((object === undefined || object === null) && ts.isOptionalChain(node)) return undefined;
    const value = this.member(object, node.name.text, node);
    if (ts.isIdentifier(node.name)) this.options.onName?.(node.name, value);
    return value;
  }

  protected elementAccess(node: ts.ElementAccessExpression, scope: Scope): Value {
    const object = this.expression(node.expression, scope);
    if ((object === undefined || object === null) && ts.isOptionalChain(node)) return undefined;
    return this.element(object, this.expression(node.argumentExpression, scope), node);
  }

  protected callExpression(node: ts.CallExpression, scope: Scope): Value {
    const site: CallSite = { node, location: this.locate(node) };
    const target = node.expression;
    if (target.kind === ts.SyntaxKind.SuperKeyword) {
      this.arguments(node.arguments, scope);
      return undefined; // handled where constructors run
    }
    if (target.kind === ts.SyntaxKind.ImportKeyword) {
      const specifier = node.arguments[0] ? this.expression(node.arguments[0], scope) : undefined;
      return this.modules.importValue(this.whole, specifier, node);
    }
    if (ts.isIdentifier(target) && target.text === 'require' && !scope.lookup('require').found) {
      const specifier = node.arguments[0] ? this.expression(node.arguments[0], scope) : undefined;
      return this.modules.importValue(this.whole, specifier, node);
    }
    let thisValue: Value;
    let callee: Value;
    const inner = skipParentheses(target);
    if (
      (ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner)) &&
      inner.expression.kind !== ts.SyntaxKind.SuperKeyword
    ) {
      thisValue = this.expression(inner.expression, scope);
      if ((thisValue === undefined || thisValue === null) && ts.isOptionalChain(inner)) return undefined;
      callee = ts.isPropertyAccessExpression(inner)
        ? this.member(thisValue, inner.name.text, inner)
        : this.element(thisValue, this.expression(inner.argumentExpression, scope), inner);
    } else {
      callee = this.expression(target, scope);
    }
    if ((callee === undefined || callee === null) && ts.isOptionalChain(node)) return undefined;
    const args = this.arguments(node.arguments, scope);
    return this.call(callee, args, site, thisValue);
  }

  protected arguments(nodes: readonly ts.Expression[], scope: Scope): Value[] {
    const args = new ArrayValue();
    for (const node of nodes) {
      if (ts.isSpreadElement(node)) this.spreadInto(args, this.expression(node.expression, scope), node);
      else {
        const value = this.expression(node, scope);
        if (!args.rest) args.items.push(value);
      }
    }
    if (args.rest) {
      args.rest.standsForMore = true;
      args.items.push(args.rest);
    }
    return args.items;
  }

  protected objectLiteral(node: ts.ObjectLiteralExpression, scope: Scope): ObjectValue {
    const object = new ObjectValue();
    object.literal = node;
    this.volatileState.created(object);
    if (isOptions(node)) this.optionObjects.set(node, object);
    for (const property of node.properties) {
      if (ts.isSpreadAssignment(property)) {
        this.spreadObject(object, this.expression(property.expression, scope), property.expression);
        continue;
      }
      const name = property.name ? this.propertyName(property.name, scope) : undefined;
      if (name === undefined) {
        object.rest ??= this.unknown(property, 'a computed key is not known');
        continue;
      }
      if (ts.isPropertyAssignment(property)) {
        const value = this.expression(property.initializer, scope);
        const made = value instanceof FunctionValue && this.closures.get(value.node);
        if (made && made.fn === value && ts.isFunctionExpression(property.initializer)) made.self ??= object;
        // `options.units` says more than `units`; a call or `argv[i + 1]` does not.
        const isPath = value instanceof UnknownValue && /^[\w$]+(\.[\w$]+|\[\d+\])*$/.test(value.name);
        object.properties.set(name, isPath ? value : this.named(value, name));
      } else if (ts.isShorthandPropertyAssignment(property)) {
        object.properties.set(name, this.identifier(property.name, scope));
      } else if (ts.isMethodDeclaration(property)) {
        object.properties.set(name, this.closure(property, scope, name, object));
      } else if (ts.isGetAccessor(property)) {
        object.getters.set(name, new FunctionValue(property, scope, undefined, name));
      } else if (ts.isSetAccessor(property)) {
        object.setters.set(name, new FunctionValue(property, scope, undefined, name));
      }
    }
    return object;
  }

  protected taggedTemplate(node: ts.TaggedTemplateExpression, scope: Scope): Value {
    const { tag, template } = node;
    const inner = skipParentheses(tag);
    const isMember = ts.isPropertyAccessExpression(inner);
    const self = isMember ? this.expression(inner.expression, scope) : undefined;
    const callee = isMember ? this.member(self, inner.name.text, inner) : this.expression(tag, scope);
    const texts = ts.isNoSubstitutionTemplateLiteral(template)
      ? [template]
      : [template.head, ...template.templateSpans.map((span) => span.literal)];
    const values = ts.isNoSubstitutionTemplateLiteral(template)
      ? []
      : template.templateSpans.map((span) => this.expression(span.expression, scope));
    const strings = new ArrayValue(texts.map(({ text }) => text));
    strings.members = new Map([['raw', new ArrayValue(texts.map(({ rawText, text }) => rawText ?? text))]]);
    return this.call(callee, [strings, ...values], { node, location: this.locate(node) }, self);
  }

  protected template(node: ts.TemplateExpression, scope: Scope): Value {
    let text = node.head.text;
    let known = true;
    for (const span of node.templateSpans) {
      const value = this.expression(span.expression, scope);
      const part = textOf(value);
      if (part === undefined) known = false;
      else text += part;
      text += span.literal.text;
    }
    return known
      ? this.spendText(text)
      : new UnknownValue(shortText(node), 'a part of this text is not known', this.locate(node), 'string');
  }

  /** What `++` counts on from: a number, whatever it was. */
  private asCounter(value: Value): Value {
    if (isPrimitive(value)) return Number(value);
    return value instanceof UnknownValue && value.type === 'string' ? asNumber(value) : value;
  }

  protected prefix(node: ts.PrefixUnaryExpression, scope: Scope): Value {
    if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken) {
      const by = node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1;
      const value = this.arithmetic(
        ts.SyntaxKind.PlusToken,
        this.asCounter(this.expression(node.operand, scope)),
        by,
        node,
      );
      this.assign(node.operand, value, scope);
      return value;
    }
    const operand = this.expression(node.operand, scope);
    switch (node.operator) {
      case ts.SyntaxKind.ExclamationToken: {
        if (!isUndecided(operand)) return !operand;
        if (operand instanceof UnknownValue && (operand.root.atLeast ?? 0) > 0) return false;
        if (operand instanceof UnknownValue && operand.negates) return operand.negates;
        const name = operand instanceof UnknownValue ? operand.name : shortText(node.operand);
        const negation = new UnknownValue(
          `!${name}`,
          operand instanceof UnknownValue ? operand.reason : 'a size is not known',
          this.locate(node),
          'boolean',
        );
        negation.negates =
          operand instanceof UnknownValue ? operand : this.unknown(node.operand, 'a size is not known');
        return negation;
      }
      case ts.SyntaxKind.MinusToken:
        return this.arithmetic(ts.SyntaxKind.MinusToken, 0, operand, node);
      case ts.SyntaxKind.PlusToken:
        if (isPrimitive(operand)) return Number(operand);
        if (operand instanceof UnknownValue) return asNumber(operand);
        return this.arithmetic(ts.SyntaxKind.MinusToken, operand, 0, node);
      default:
        return typeof operand === 'number'
          ? ~operand
          : this.unknown(node, 'a bitwise operation is not followed');
    }
  }

  protected binary(node: ts.BinaryExpression, scope: Scope): Value {
    const operator = node.operatorToken.kind;
    if (operator === ts.SyntaxKind.EqualsToken) {
      const value = this.expression(node.right, scope);
      this.assign(node.left, value, scope);
      return value;
    }
    if (operator === ts.SyntaxKind.CommaToken) {
      this.expression(node.left, scope);
      return this.expression(node.right, scope);
    }
    if (
      operator === ts.SyntaxKind.AmpersandAmpersandToken ||
      operator === ts.SyntaxKind.BarBarToken ||
      operator === ts.SyntaxKind.QuestionQuestionToken
    ) {
      return this.logical(operator, this.expression(node.left, scope), node, scope);
    }
    const compound = compoundOperators.get(operator);
    if (compound !== undefined) {
      const left = this.expression(node.left, scope);
      const value =
        compound === ts.SyntaxKind.BarBarToken ||
        compound === ts.SyntaxKind.AmpersandAmpersandToken ||
        compound === ts.SyntaxKind.QuestionQuestionToken
          ? this.logical(compound, left, node, scope)
          : this.operate(compound, left, this.expression(node.right, scope), node);
      this.assign(node.left, value, scope);
      return value;
    }
    const left = this.expression(node.left, scope);
    const right = this.expression(node.right, scope);
    return this.operate(operator, left, right, node);
  }

  protected logical(operator: ts.SyntaxKind, left: Value, node: ts.BinaryExpression, scope: Scope): Value {
    const right = () => this.expression(node.right, scope);
    if (isUndecided(left)) {
      if (operator !== ts.SyntaxKind.AmpersandAmpersandToken) {
        // `options.units || 32`: the name stands for whichever it turns out to be.
        if (left instanceof UnknownValue && left.type !== 'boolean') {
          const fallback = right();
          if (
            isPrimitive(fallback) &&
            fallback !== undefined &&
            fallback !== null &&
            typeof fallback !== 'boolean'
          ) {
            const type = typeof fallback === 'number' ? 'number' : 'string';
            return left.member(
              `${operator}${JSON.stringify(fallback)}`,
              () => new UnknownValue(left.name, left.reason, left.at, type),
            );
          }
          if (left.type === undefined && !(fallback instanceof UnknownValue)) {
            return this.truthy(left, node.left) ? left : fallback;
          }
        } else if (isSymbolic(left)) return left;
        return this.truthy(left, node.left) ? left : right();
      }
      return this.truthy(left, node.left) ? right() : left;
    }
    if (operator === ts.SyntaxKind.QuestionQuestionToken)
      return left === undefined || left === null ? right() : left;
    const isTrue = this.truthy(left, node.left);
    return (operator === ts.SyntaxKind.BarBarToken) === isTrue ? left : right();
  }
}

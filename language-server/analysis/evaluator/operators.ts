/** Arithmetic, comparisons, `typeof` and `instanceof` over numbers, symbols and unknowns. */
import ts from 'typescript';
import {
  add,
  ceilDivide,
  equalDims,
  floorDivide,
  isSymbolic,
  multiply,
  type Quantity,
  type Symbolic,
  subtract,
} from '../../../model-graph/dims';
import { Unknown } from '../../../model-graph/layers/rule';
import { Layer, Model, SymbolicTensor } from '../../../model-graph/wired';
import { textOf } from '../builtins/data';
import { classKey } from '../customLayers';
import {
  ArrayValue,
  ClassValue,
  DataTensor,
  isCallable,
  NativeFunction,
  ObjectValue,
  Quotient,
  UnknownValue,
  type Value,
} from '../values';
import { isNumeric, isPrimitive, isSizeLike, isUndecided, nameOf } from './kinds';
import { EvaluatorState } from './state';
import { shortText } from './syntax';

/** Longer texts are data, not names. */
const maximumText = 10_000;

/** No one reads a size of more terms, and a loop could make it grow without end. */
const maximumTerms = 24;

const maximumKey = 2_000;

function isTooLong({ terms, key }: Symbolic): boolean {
  return terms.length > maximumTerms || key.length > maximumKey;
}

function primitiveArithmetic(operator: ts.SyntaxKind, left: number, right: number): Value {
  switch (operator) {
    case ts.SyntaxKind.PlusToken:
      return left + right;
    case ts.SyntaxKind.MinusToken:
      return left - right;
    case ts.SyntaxKind.AsteriskToken:
      return left * right;
    case ts.SyntaxKind.SlashToken:
      return left / right;
    case ts.SyntaxKind.PercentToken:
      return left % right;
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return left ** right;
    case ts.SyntaxKind.BarToken:
      return left | right;
    case ts.SyntaxKind.AmpersandToken:
      return left & right;
    case ts.SyntaxKind.CaretToken:
      return left ^ right;
    case ts.SyntaxKind.LessThanLessThanToken:
      return left << right;
    case ts.SyntaxKind.GreaterThanGreaterThanToken:
      return left >> right;
    case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken:
      return left >>> right;
    default:
      return Number.NaN;
  }
}

/** The same for what is the same value. */
function identityOf(value: Value): string {
  if (value instanceof UnknownValue) return value.asSymbol ? String(value.asSymbol) : `#${value.root.id}`;
  if (value instanceof Quotient) return `${value.numerator}/${value.denominator}`;
  return isPrimitive(value) || isSymbolic(value) ? String(value) : '…';
}

function leastOf(value: Value): number | undefined {
  return value instanceof UnknownValue ? value.root.atLeast : undefined;
}

/** Whether a number is certain to be below one that is not known. */
function isBelow(low: Value, high: Value): boolean {
  const least = leastOf(high);
  return typeof low === 'number' && least !== undefined && low < least;
}

export abstract class Operators extends EvaluatorState {
  protected operate(operator: ts.SyntaxKind, left: Value, right: Value, node: ts.BinaryExpression): Value {
    switch (operator) {
      case ts.SyntaxKind.PlusToken:
      case ts.SyntaxKind.MinusToken:
      case ts.SyntaxKind.AsteriskToken:
      case ts.SyntaxKind.SlashToken:
      case ts.SyntaxKind.PercentToken:
      case ts.SyntaxKind.AsteriskAsteriskToken:
      case ts.SyntaxKind.BarToken:
      case ts.SyntaxKind.AmpersandToken:
      case ts.SyntaxKind.CaretToken:
      case ts.SyntaxKind.LessThanLessThanToken:
      case ts.SyntaxKind.GreaterThanGreaterThanToken:
      case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken:
        return this.arithmetic(operator, left, right, node);
      case ts.SyntaxKind.EqualsEqualsEqualsToken:
        return this.strictEqual(left, right, node.right, node.left);
      case ts.SyntaxKind.ExclamationEqualsEqualsToken:
        return this.negate(this.strictEqual(left, right, node.right, node.left), node);
      case ts.SyntaxKind.EqualsEqualsToken:
        return this.looseEqual(left, right, node);
      case ts.SyntaxKind.ExclamationEqualsToken:
        return this.negate(this.looseEqual(left, right, node), node);
      case ts.SyntaxKind.LessThanToken:
      case ts.SyntaxKind.GreaterThanToken:
      case ts.SyntaxKind.LessThanEqualsToken:
      case ts.SyntaxKind.GreaterThanEqualsToken:
        return this.compare(operator, left, right, node);
      case ts.SyntaxKind.InKeyword:
        return this.hasProperty(right, left, node);
      case ts.SyntaxKind.InstanceOfKeyword:
        return this.instanceOf(left, right, node);
      default:
        return this.unknown(node, `\`${shortText(node)}\` is not followed`);
    }
  }

  /** `key in object` */
  hasProperty(object: Value, key: Value, node: ts.Node): Value {
    if (object instanceof ObjectValue && (typeof key === 'string' || typeof key === 'number')) {
      const name = String(key);
      for (let at: ObjectValue | undefined = object, depth = 0; at && depth < 50; at = at.prototype, depth++)
        if (at.properties.has(name) || at.getters.has(name)) return true;
      if (!object.rest && !object.classValue && !object.configuration && !object.live) return false;
    }
    if (object instanceof ArrayValue && typeof key === 'number' && key < object.items.length)
      return key in object.items;
    return this.unknown(node, 'whether the key is there is not known');
  }

  arithmetic(operator: ts.SyntaxKind, left: Value, right: Value, node: ts.Node): Value {
    const isText = typeof left === 'string' || typeof right === 'string';
    if (isPrimitive(left) && isPrimitive(right) && !(isText && operator === ts.SyntaxKind.PlusToken))
      return primitiveArithmetic(operator, left as number, right as number);
    if (operator === ts.SyntaxKind.PlusToken && isText) {
      const text = [left, right].map(textOf);
      const joined = text.every((part) => part !== undefined) ? text.join('') : undefined;
      if (joined !== undefined && joined.length <= maximumText) return this.spendText(joined);
      return new UnknownValue(
        shortText(node),
        'a part of this text is not known',
        this.locate(node),
        'string',
      );
    }
    const a = this.asQuantity(left);
    const b = this.asQuantity(right);
    if (a !== undefined && b !== undefined) {
      switch (operator) {
        case ts.SyntaxKind.PlusToken:
          return add(a, b);
        case ts.SyntaxKind.MinusToken:
          return subtract(a, b);
        case ts.SyntaxKind.AsteriskToken:
          return multiply(a, b);
        case ts.SyntaxKind.AsteriskAsteriskToken:
          if (typeof b === 'number' && Number.isInteger(b) && b >= 0 && b <= 8) {
            let power: Quantity = 1;
            for (let i = 0; i < b; i++) power = multiply(power, a);
            return power;
          }
          break;
        case ts.SyntaxKind.SlashToken: {
          const floor = floorDivide(a, b);
          if (b !== 0 && equalDims(floor, ceilDivide(a, b)) === true) return floor;
          return new Quotient(a, b);
        }
        case ts.SyntaxKind.PercentToken:
          if (b !== 0 && typeof b === 'number') return subtract(a, multiply(floorDivide(a, b), b));
          break;
        case ts.SyntaxKind.BarToken:
          if (b === 0 && left instanceof Quotient === false) return a;
          break;
        case ts.SyntaxKind.GreaterThanGreaterThanToken:
          if (typeof b === 'number' && b >= 0 && b < 31) return floorDivide(a, 2 ** b);
          break;
        case ts.SyntaxKind.LessThanLessThanToken:
          if (typeof b === 'number' && b >= 0 && b < 31) return multiply(a, 2 ** b);
          break;
      }
    }
    if (operator === ts.SyntaxKind.BarToken && left instanceof Quotient && right === 0) {
      return floorDivide(left.numerator, left.denominator);
    }
    const cause = [left, right].find((side) => side instanceof Unknown);
    const reason = cause instanceof Unknown ? cause.reason : `\`${shortText(node)}\` is not followed`;
    // `+` may put texts together.
    const isSum = operator === ts.SyntaxKind.PlusToken && [left, right].some((side) => !isNumeric(side));
    return new UnknownValue(shortText(node), reason, this.locate(node), isSum ? undefined : 'number');
  }

  /** A number, or the symbol that stands for one; undefined where neither makes sense. */
  asQuantity(value: Value): Quantity | undefined {
    if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
    if (isSymbolic(value)) return isTooLong(value) ? undefined : value;
    if (value instanceof UnknownValue && (value.type === undefined || value.type === 'number'))
      return this.symbolOf(value);
    return undefined;
  }

  protected strictEqual(left: Value, right: Value, rightNode: ts.Node, leftNode: ts.Node): Value {
    if (isSizeLike(left) && isSizeLike(right)) {
      const equal = equalDims(left, right);
      if (equal !== 'unknown') return equal;
    } else if (!isUndecided(left) && !isUndecided(right)) return left === right;
    else if (left === right) return true;
    else if (left instanceof UnknownValue && right instanceof UnknownValue && left.root === right.root)
      return true;
    else if (isUndecided(left) && !isUndecided(right) && (isSymbolic(left) || left instanceof Quotient)) {
      return false; // a number is never a string, an object, undefined …
    }
    if (isBelow(left, right) || isBelow(right, left)) return false;
    const name = `${nameOf(left, leftNode)} === ${nameOf(right, rightNode)}`;
    const reason = [left, right].find((side) => side instanceof Unknown);
    const result = new UnknownValue(
      name,
      reason instanceof Unknown ? reason.reason : 'a size is not known',
      this.locate(leftNode),
      'boolean',
    );
    result.about = `${identityOf(left)} === ${identityOf(right)}`;
    const [subject, constant] = isUndecided(left) ? [left, right] : [right, left];
    if (isPrimitive(constant)) {
      result.equality = {
        subject: subject instanceof UnknownValue ? subject.root : String(subject),
        constant,
      };
    }
    return result;
  }

  protected looseEqual(left: Value, right: Value, node: ts.BinaryExpression): Value {
    const leftNullish = left === null || left === undefined;
    const rightNullish = right === null || right === undefined;
    if (leftNullish && rightNullish) return true;
    if (leftNullish || rightNullish) {
      const other = leftNullish ? right : left;
      if (other instanceof UnknownValue) {
        if (other.type === 'number' || other.type === 'string' || other.asSymbol) return false;
        return new UnknownValue(`${other.name} == null`, other.reason, other.at, 'boolean');
      }
      return false;
    }
    if (isPrimitive(left) && isPrimitive(right)) {
      // biome-ignore lint/suspicious/noDoubleEquals: this is what the program says.
      return left == right;
    }
    if (isNumeric(left) && isNumeric(right)) return this.strictEqual(left, right, node.right, node.left);
    if (isPrimitive(left) !== isPrimitive(right)) {
      // A list compared with a text or a number is compared by its own text.
      const texts = [left, right].map((side) => (side instanceof ArrayValue ? textOf(side) : side));
      // biome-ignore lint/suspicious/noDoubleEquals: this is what the program says.
      if (texts.every((text) => text !== undefined && isPrimitive(text))) return texts[0] == texts[1];
      const isObject = [left, right].some((side) => side instanceof ObjectValue || isSymbolic(side));
      if (isObject) return this.unknown(node, 'this comparison is not followed');
    }
    return this.strictEqual(left, right, node.right, node.left);
  }

  protected compare(operator: ts.SyntaxKind, left: Value, right: Value, node: ts.BinaryExpression): Value {
    if (
      (typeof left === 'number' && typeof right === 'number') ||
      (typeof left === 'string' && typeof right === 'string')
    ) {
      if (operator === ts.SyntaxKind.LessThanToken) return left < right;
      if (operator === ts.SyntaxKind.GreaterThanToken) return left > right;
      if (operator === ts.SyntaxKind.LessThanEqualsToken) return left <= right;
      return left >= right;
    }
    const isGreater =
      operator === ts.SyntaxKind.GreaterThanToken || operator === ts.SyntaxKind.GreaterThanEqualsToken;
    if (isBelow(left, right)) return !isGreater;
    if (isBelow(right, left)) return isGreater;
    if (operator === ts.SyntaxKind.GreaterThanEqualsToken && right === leastOf(left)) return true;
    if (operator === ts.SyntaxKind.LessThanToken && right === leastOf(left)) return false;
    if (operator === ts.SyntaxKind.LessThanEqualsToken && left === leastOf(right)) return true;
    if (operator === ts.SyntaxKind.GreaterThanToken && left === leastOf(right)) return false;
    // `a >= b` is `!(a < b)`, and `a > b` is `b < a`: one question, asked in four ways, has one answer.
    const isStrict = operator === ts.SyntaxKind.LessThanToken || operator === ts.SyntaxKind.GreaterThanToken;
    const isLess =
      operator === ts.SyntaxKind.LessThanToken || operator === ts.SyntaxKind.GreaterThanEqualsToken;
    const [low, high] = isLess
      ? [nameOf(left, node.left), nameOf(right, node.right)]
      : [nameOf(right, node.right), nameOf(left, node.left)];
    const reason = [left, right].find((side) => side instanceof Unknown);
    const result = new UnknownValue(
      `${low} < ${high}`,
      reason instanceof Unknown ? reason.reason : 'a size is not known',
      this.locate(node),
      'boolean',
    );
    result.about = isLess
      ? `${identityOf(left)} < ${identityOf(right)}`
      : `${identityOf(right)} < ${identityOf(left)}`;
    return isStrict ? result : this.negate(result, node);
  }

  protected negate(value: Value, node: ts.Node): Value {
    if (typeof value === 'boolean') return !value;
    if (!(value instanceof UnknownValue)) return this.unknown(node, 'this condition is not known');
    const negation = new UnknownValue(`!(${value.name})`, value.reason, value.at, 'boolean');
    negation.negates = value;
    return negation;
  }

  protected instanceOf(left: Value, right: Value, node: ts.Node): Value {
    if (left instanceof UnknownValue || !(right instanceof ClassValue)) {
      if (isPrimitive(left)) return false;
      if (left instanceof Layer && right instanceof NativeFunction) {
        if (right.name === 'tf.model') return left instanceof Model;
        if (right.name === 'tf.sequential') return left instanceof Model && left.modelKind === 'sequential';
      }
      if (right instanceof NativeFunction && right.name === 'Array') return left instanceof ArrayValue;
      if (right instanceof NativeFunction && !isUndecided(left)) {
        if (/Error$|^(Map|Set|RegExp)$/.test(right.name)) return this.isOfBuiltin(left, right);
        if (right.name === 'Object') return true;
      }
      return this.unknown(node, 'what class this is of is not known');
    }
    const own =
      left instanceof ObjectValue
        ? left.classValue
        : left instanceof Layer
          ? left.extras.get(classKey)
          : undefined;
    for (let at = own as Value, depth = 0; at instanceof ClassValue && depth < 50; at = at.base, depth++) {
      if (at === right) return true;
    }
    if (right.node !== undefined) return false;
    if (left instanceof SymbolicTensor) return right.name === 'SymbolicTensor';
    if (left instanceof DataTensor) return right.name === 'Tensor';
    return left instanceof Layer && right.name === 'Layer';
  }

  /** Whether JavaScript's own class is among those that it is of. */
  protected isOfBuiltin(left: Value, right: NativeFunction): Value {
    if (!(left instanceof ObjectValue)) return false;
    if (left.pattern) return right.name === 'RegExp';
    for (let at: Value = left.classValue, depth = 0; depth < 50; depth++) {
      if (at instanceof NativeFunction)
        return at === right || (right.name === 'Error' && /Error$/.test(at.name));
      if (!(at instanceof ClassValue)) return false;
      if (at.node === undefined && at.name === right.name) return true;
      at = at.base;
    }
    return false;
  }

  protected typeOf(value: Value, node: ts.Node): Value {
    if (value instanceof UnknownValue) {
      if (value.type) return value.type;
      if (value.missingFactory) return 'undefined';
      return value.member(
        '#typeof',
        () => new UnknownValue(shortText(node), value.reason, value.at, 'string'),
      );
    }
    if (isSymbolic(value) || value instanceof Quotient) return 'number';
    if (isCallable(value)) return 'function';
    return value === null ? 'object' : typeof value;
  }
}

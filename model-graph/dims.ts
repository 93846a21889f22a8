/**
 * Sizes. A size is a number, `null` (open, as tfjs itself leaves it: the batch) or a symbolic expression over names the
 * analysis does not know the value of. Symbolic expressions are exact integer polynomials in a canonical form, so two
 * expressions that are equal as polynomials are equal as text, and their difference can be decided.
 *
 * Every name stands for an integer. Nothing is assumed about its sign.
 */

/** A size along one axis. `null` is open: tfjs fixes it only when data arrives. */
export type Dim = number | null | Symbolic;
/** A count that is never open: parameters, bytes, multiply-accumulates. */
export type Quantity = number | Symbolic;
/** Batch first, as in tfjs. */
export type Shape = Dim[];

type Operator = 'floorDiv' | 'ceilDiv' | 'min' | 'max';

/** What a polynomial is built from: a name, or an operation that polynomials cannot express. */
type Atom =
  | { readonly kind: 'symbol'; readonly key: string; readonly name: string }
  | { readonly kind: Operator; readonly key: string; readonly left: Quantity; readonly right: Quantity };

interface Factor {
  readonly atom: Atom;
  readonly power: number;
}

/** `coefficient · factors`. Factors are sorted by their atoms' keys; the constant term has none. */
interface Term {
  readonly coefficient: number;
  readonly factors: readonly Factor[];
}

const MINUS = '−';

/** An immutable integer polynomial that is not a constant. Made by `symbol` and the arithmetic below. */
export class Symbolic {
  /** Canonical: equal polynomials have equal keys. */
  readonly key: string;

  /** @internal Terms must be canonical; use `symbol`, `add`, `multiply` … */
  constructor(readonly terms: readonly Term[]) {
    this.key = terms.map((term) => `${term.coefficient}*${factorsKey(term.factors)}`).join('+');
  }

  /** The names it depends on, sorted. */
  get names(): string[] {
    const names = new Set<string>();
    collectNames(this, names);
    return [...names].sort();
  }

  /** As a person would write it: `4·units·(units + charSetSize + 1)`. */
  toString(): string {
    return formatPolynomial(this.terms);
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A size known only by its name. */
export function symbol(name: string): Symbolic {
  return new Symbolic([
    { coefficient: 1, factors: [{ atom: { kind: 'symbol', key: `'${name}'`, name }, power: 1 }] },
  ]);
}

export function isSymbolic(value: unknown): value is Symbolic {
  return value instanceof Symbolic;
}

export function add(left: Quantity, right: Quantity): Quantity;
export function add(left: Dim, right: Dim): Dim;
export function add(left: Dim, right: Dim): Dim {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  return fromTerms([...termsOf(left), ...termsOf(right)]);
}

export function subtract(left: Quantity, right: Quantity): Quantity;
export function subtract(left: Dim, right: Dim): Dim;
export function subtract(left: Dim, right: Dim): Dim {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return add(left, multiply(right, -1));
}

export function multiply(left: Quantity, right: Quantity): Quantity;
export function multiply(left: Dim, right: Dim): Dim;
export function multiply(left: Dim, right: Dim): Dim {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return left * right;
  const terms: Term[] = [];
  for (const one of termsOf(left)) {
    for (const other of termsOf(right)) {
      terms.push({
        coefficient: one.coefficient * other.coefficient,
        factors: multiplyFactors(one.factors, other.factors),
      });
    }
  }
  return fromTerms(terms);
}

/** ⌊left/right⌋. A division by a number that is not zero is brought into a canonical form. */
export function floorDivide(left: Quantity, right: Quantity): Quantity;
export function floorDivide(left: Dim, right: Dim): Dim;
export function floorDivide(left: Dim, right: Dim): Dim {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return Math.floor(left / right);
  if (typeof right === 'number' && Number.isInteger(right) && right !== 0) {
    return right < 0 ? floorDivideBy(multiply(left, -1), -right) : floorDivideBy(left, right);
  }
  return exactQuotient(left, right) ?? fromAtom('floorDiv', left, right);
}

/** ⌈left/right⌉. */
export function ceilDivide(left: Quantity, right: Quantity): Quantity;
export function ceilDivide(left: Dim, right: Dim): Dim;
export function ceilDivide(left: Dim, right: Dim): Dim {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return Math.ceil(left / right);
  if (typeof right === 'number' && Number.isInteger(right) && right !== 0) {
    // ⌈a/b⌉ = ⌊(a + b − 1)/b⌋ for whole a and b > 0: one canonical form for both roundings.
    const [numerator, divisor] = right < 0 ? [multiply(left, -1), -right] : [left, right];
    return floorDivideBy(add(numerator, divisor - 1), divisor);
  }
  return exactQuotient(left, right) ?? fromAtom('ceilDiv', left, right);
}

export function minimum(left: Quantity, right: Quantity): Quantity;
export function minimum(left: Dim, right: Dim): Dim;
export function minimum(left: Dim, right: Dim): Dim {
  return extreme('min', left, right);
}

export function maximum(left: Quantity, right: Quantity): Quantity;
export function maximum(left: Dim, right: Dim): Dim;
export function maximum(left: Dim, right: Dim): Dim {
  return extreme('max', left, right);
}

/** 1 for an empty list; null as soon as one size is open. */
export function product(dims: readonly Quantity[]): Quantity;
export function product(dims: readonly Dim[]): Dim;
export function product(dims: readonly Dim[]): Dim {
  return dims.reduce<Dim>((result, dim) => multiply(result, dim), 1);
}

/** 0 for an empty list; null as soon as one size is open. */
export function sum(dims: readonly Quantity[]): Quantity;
export function sum(dims: readonly Dim[]): Dim;
export function sum(dims: readonly Dim[]): Dim {
  let known = 0;
  // Brought into order once: adding one by one would sort all the terms so far each time.
  const terms: Term[] = [];
  for (const dim of dims) {
    if (dim === null) return null;
    if (typeof dim === 'number') known += dim;
    else terms.push(...dim.terms);
  }
  return terms.length === 0 ? known : fromTerms([...terms, ...termsOf(known)]);
}

/**
 * `false` only when the two differ whatever the names stand for, `true` only when they are identical. Two open sizes are
 * the same answer (`true`); an open size against anything else is `unknown`.
 */
export function equalDims(left: Dim, right: Dim): true | false | 'unknown' {
  if (left === null || right === null) return left === right ? true : 'unknown';
  const difference = subtract(left, right);
  if (typeof difference === 'number') return difference === 0;
  // An integer combination with coefficients all divisible by g can only reach constants divisible by g.
  const constant = constantOf(difference);
  const divisor = difference.terms.reduce(
    (g, term) => (term.factors.length === 0 ? g : greatestCommonDivisor(g, term.coefficient)),
    0,
  );
  return divisor > 1 && constant % divisor !== 0 ? false : 'unknown';
}

/** Whether two shapes have the same rank and sizes; sound like `equalDims`. */
export function equalShapes(left: readonly Dim[], right: readonly Dim[]): true | false | 'unknown' {
  if (left.length !== right.length) return false;
  let result: true | 'unknown' = true;
  for (const [axis, dim] of left.entries()) {
    const equal = equalDims(dim, right[axis] as Dim);
    if (equal === false) return false;
    if (equal === 'unknown') result = 'unknown';
  }
  return result;
}

/** Replaces names by values. Names without a value stay. */
export function substitute(value: Quantity, values: ReadonlyMap<string, Quantity>): Quantity;
export function substitute(value: Dim, values: ReadonlyMap<string, Quantity>): Dim;
export function substitute(value: Dim, values: ReadonlyMap<string, Quantity>): Dim {
  if (value === null || typeof value === 'number') return value;
  let result: Quantity = 0;
  for (const term of value.terms) {
    let termValue: Quantity = term.coefficient;
    for (const { atom, power } of term.factors) {
      const atomValue = substituteAtom(atom, values);
      for (let i = 0; i < power; i++) termValue = multiply(termValue, atomValue);
    }
    result = add(result, termValue);
  }
  return result;
}

/** `28`, `2·units + 1`, `?` for an open size. */
export function formatDim(dim: Dim): string {
  if (dim === null) return '?';
  return typeof dim === 'number' ? formatNumber(dim) : dim.toString();
}

/** Digits without separators, or the symbolic expression. */
export function formatQuantity(quantity: Quantity): string {
  return formatDim(quantity);
}

/** `28×28×6`; with the batch (the default) `?×28×28×6`. A shape without sizes is `()`. */
export function formatShape(shape: readonly Dim[], options: { batch?: boolean } = {}): string {
  const dims = options.batch === false ? shape.slice(1) : shape;
  if (dims.length === 0) return '()';
  if (dims.length === 1) return formatDim(dims[0] as Dim);
  return dims.map((dim) => (isSum(dim) ? `(${formatDim(dim)})` : formatDim(dim))).join('×');
}

/** For hints: `48,120` up to six digits, `62.4M` and `1.3B` above. */
export function formatCount(quantity: Quantity): string {
  if (typeof quantity !== 'number') return quantity.toString();
  const size = Math.abs(quantity);
  if (!(size >= 1e6)) return formatExactCount(quantity);
  // 999,950,000 would round to 1000.0M.
  const [unit, suffix] = size >= 999_950_000 ? [1e9, 'B'] : [1e6, 'M'];
  const text = (size / unit).toFixed(1).replace(/\.0$/, '');
  const [whole = '', fraction] = text.split('.');
  return `${quantity < 0 ? MINUS : ''}${separate(whole)}${fraction ? `.${fraction}` : ''}${suffix}`;
}

/** `138,357,544`: every digit, with thousands separators. */
export function formatExactCount(quantity: Quantity): string {
  if (typeof quantity !== 'number') return quantity.toString();
  const [whole = '', fraction] = formatNumber(Math.abs(quantity)).split('.');
  return `${quantity < 0 ? MINUS : ''}${separate(whole)}${fraction ? `.${fraction}` : ''}`;
}

function separate(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

function formatNumber(value: number): string {
  return value < 0 ? `${MINUS}${-value}` : `${value}`;
}

// ---------------------------------------------------------------------------------------------- canonical form

function factorsKey(factors: readonly Factor[]): string {
  return factors.map(({ atom, power }) => `${atom.key}^${power}`).join('*');
}

function termsOf(value: Quantity): readonly Term[] {
  return typeof value === 'number' ? [{ coefficient: value, factors: [] }] : value.terms;
}

function degree(term: Term): number {
  return term.factors.reduce((total, factor) => total + factor.power, 0);
}

/** The order a person writes terms in: `units² + units·inputs + units + 1`. */
function compareTerms(left: Term, right: Term): number {
  const highest = (term: Term) => term.factors.reduce((max, factor) => Math.max(max, factor.power), 0);
  return (
    degree(right) - degree(left) ||
    highest(right) - highest(left) ||
    compareText(factorsKey(left.factors), factorsKey(right.factors))
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function fromTerms(terms: readonly Term[]): Quantity {
  const merged = new Map<string, Term>();
  for (const term of terms) {
    const key = factorsKey(term.factors);
    const known = merged.get(key);
    merged.set(key, known ? { ...known, coefficient: known.coefficient + term.coefficient } : term);
  }
  const canonical = [...merged.values()].filter((term) => term.coefficient !== 0).sort(compareTerms);
  if (canonical.length === 0) return 0;
  const only = canonical[0] as Term;
  if (canonical.length === 1 && only.factors.length === 0) return only.coefficient;
  return new Symbolic(canonical);
}

function multiplyFactors(left: readonly Factor[], right: readonly Factor[]): Factor[] {
  const merged = new Map<string, Factor>();
  for (const factor of [...left, ...right]) {
    const known = merged.get(factor.atom.key);
    merged.set(factor.atom.key, known ? { atom: known.atom, power: known.power + factor.power } : factor);
  }
  return [...merged.values()].sort((a, b) => compareText(a.atom.key, b.atom.key));
}

function quantityKey(value: Quantity): string {
  return typeof value === 'number' ? `${value}` : value.key;
}

function fromAtom(kind: Operator, left: Quantity, right: Quantity): Symbolic {
  const atom: Atom = { kind, key: `${kind}(${quantityKey(left)},${quantityKey(right)})`, left, right };
  return new Symbolic([{ coefficient: 1, factors: [{ atom, power: 1 }] }]);
}

function constantOf(value: Quantity): number {
  return termsOf(value).find((term) => term.factors.length === 0)?.coefficient ?? 0;
}

function greatestCommonDivisor(left: number, right: number): number {
  let [a, b] = [Math.abs(left), Math.abs(right)];
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** ⌊left/divisor⌋ = q + ⌊r/divisor⌋ where every coefficient of r lies in 0 … divisor − 1. */
function floorDivideBy(left: Quantity, divisor: number): Quantity {
  if (typeof left === 'number') return Math.floor(left / divisor);
  if (divisor === 1) return left;
  const quotient: Term[] = [];
  const rest: Term[] = [];
  for (const term of left.terms) {
    const whole = Math.floor(term.coefficient / divisor);
    quotient.push({ ...term, coefficient: whole });
    rest.push({ ...term, coefficient: term.coefficient - whole * divisor });
  }
  const remainder = fromTerms(rest);
  if (typeof remainder === 'number') return add(fromTerms(quotient), Math.floor(remainder / divisor));
  // ⌊(⌊x/m⌋ + c)/n⌋ = ⌊(x + m·c)/(m·n)⌋ for whole m, n > 0: pooling twice by 2 is dividing by 4.
  const inner = remainder.terms[0] as Term;
  const innerAtom =
    inner.factors.length === 1 && inner.factors[0]?.power === 1 ? inner.factors[0].atom : null;
  const others = remainder.terms.slice(1);
  if (
    innerAtom?.kind === 'floorDiv' &&
    inner.coefficient === 1 &&
    others.every((term) => term.factors.length === 0) &&
    typeof innerAtom.right === 'number' &&
    innerAtom.right > 0
  ) {
    const numerator = add(innerAtom.left, innerAtom.right * constantOf(remainder));
    return add(fromTerms(quotient), floorDivideBy(numerator, innerAtom.right * divisor));
  }
  return add(fromTerms(quotient), reduceFraction(remainder, divisor));
}

/** ⌊(g·p + c)/(g·d)⌋ = ⌊(p + ⌊c/g⌋)/d⌋ for a whole g that divides every coefficient but the constant's. */
function reduceFraction(numerator: Symbolic, divisor: number): Quantity {
  const common = numerator.terms.reduce(
    (g, term) => (term.factors.length === 0 ? g : greatestCommonDivisor(g, term.coefficient)),
    divisor,
  );
  if (common <= 1) return fromAtom('floorDiv', numerator, divisor);
  const reduced = fromTerms(
    numerator.terms.map((term) => ({ ...term, coefficient: Math.floor(term.coefficient / common) })),
  );
  return floorDivideBy(reduced, divisor / common);
}

/** left/right when right is a single term that divides every term of left (and is not zero, or tfjs divides by zero too). */
function exactQuotient(left: Quantity, right: Quantity): Quantity | null {
  if (typeof right === 'number') return null;
  const divisor = right.terms[0] as Term;
  if (right.terms.length !== 1) return quantityKey(left) === right.key ? 1 : null;
  const quotient: Term[] = [];
  for (const term of termsOf(left)) {
    const powers = new Map(term.factors.map((factor) => [factor.atom.key, factor]));
    for (const { atom, power } of divisor.factors) {
      const have = powers.get(atom.key);
      if (!have || have.power < power) return null;
      if (have.power === power) powers.delete(atom.key);
      else powers.set(atom.key, { atom, power: have.power - power });
    }
    if (term.coefficient % divisor.coefficient !== 0) return null;
    quotient.push({ coefficient: term.coefficient / divisor.coefficient, factors: [...powers.values()] });
  }
  return fromTerms(quotient);
}

function extreme(kind: 'min' | 'max', left: Dim, right: Dim): Dim {
  if (left === null || right === null) return null;
  const difference = subtract(left, right);
  if (typeof difference === 'number') return difference <= 0 === (kind === 'min') ? left : right;
  const [first, second] =
    compareText(quantityKey(left), quantityKey(right)) <= 0 ? [left, right] : [right, left];
  return fromAtom(kind, first, second);
}

function substituteAtom(atom: Atom, values: ReadonlyMap<string, Quantity>): Quantity {
  if (atom.kind === 'symbol') return values.get(atom.name) ?? symbol(atom.name);
  const left = substitute(atom.left, values);
  const right = substitute(atom.right, values);
  switch (atom.kind) {
    case 'floorDiv':
      return floorDivide(left, right);
    case 'ceilDiv':
      return ceilDivide(left, right);
    case 'min':
      return minimum(left, right);
    case 'max':
      return maximum(left, right);
  }
}

function collectNames(value: Quantity, names: Set<string>): void {
  for (const term of termsOf(value)) {
    for (const { atom } of term.factors) {
      if (atom.kind === 'symbol') names.add(atom.name);
      else {
        collectNames(atom.left, names);
        collectNames(atom.right, names);
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------- text

/** Whether the text needs parentheses within a product. */
function isSum(value: Dim): boolean {
  return value instanceof Symbolic && needsParentheses(value);
}

function needsParentheses(value: Symbolic): boolean {
  if (value.terms.length === 1 || foldedFloor(value.terms) !== null) return false;
  return commonFactor(value.terms).isOne;
}

function formatPolynomial(terms: readonly Term[]): string {
  const folded = foldedFloor(terms);
  if (folded !== null) return folded;
  if (terms.length === 1) return formatTerm(terms[0] as Term);
  const common = commonFactor(terms);
  if (common.isOne) return formatSum(terms);
  const inner = terms.map((term) => divideTerm(term, common));
  return `${formatTerm(common)}·(${formatSum(inner)})`;
}

/** ⌊x/2⌋ − 2 is shown as ⌊(x − 4)/2⌋, and ⌊(x + 1)/2⌋ as ⌈x/2⌉. */
function foldedFloor(terms: readonly Term[]): string | null {
  const [first, second] = terms;
  if (!first || terms.length > 2 || first.coefficient !== 1 || first.factors.length !== 1) return null;
  const factor = first.factors[0] as Factor;
  const { atom, power } = factor;
  if (atom.kind !== 'floorDiv' || power !== 1 || typeof atom.right !== 'number') return null;
  if (second && second.factors.length > 0) return null;
  return formatDivision(add(atom.left, (second?.coefficient ?? 0) * atom.right), atom.right);
}

function formatDivision(numerator: Quantity, divisor: number): string {
  const constant = constantOf(numerator);
  // Only an exact "+ divisor − 1" reads better as a rounding up.
  const up = constant === divisor - 1;
  const shown = up ? subtract(numerator, constant) : numerator;
  const text = isSum(shown) ? `(${formatDim(shown)})` : formatDim(shown);
  return up ? `⌈${text}/${divisor}⌉` : `⌊${text}/${divisor}⌋`;
}

function formatAtom(atom: Atom): string {
  if (atom.kind === 'symbol') return atom.name;
  if (atom.kind === 'min' || atom.kind === 'max') {
    return `${atom.kind}(${formatDim(atom.left)}, ${formatDim(atom.right)})`;
  }
  if (atom.kind === 'floorDiv' && typeof atom.right === 'number') {
    return formatDivision(atom.left, atom.right);
  }
  const left = isSum(atom.left) ? `(${formatDim(atom.left)})` : formatDim(atom.left);
  const plain = typeof atom.right === 'number' || isSingleAtom(atom.right);
  const right = plain ? formatDim(atom.right) : `(${formatDim(atom.right)})`;
  return atom.kind === 'floorDiv' ? `⌊${left}/${right}⌋` : `⌈${left}/${right}⌉`;
}

function isSingleAtom(value: Symbolic): boolean {
  const only = value.terms[0] as Term;
  return value.terms.length === 1 && only.coefficient === 1 && only.factors.length === 1;
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function formatFactor({ atom, power }: Factor): string {
  if (power === 1) return formatAtom(atom);
  return formatAtom(atom) + [...`${power}`].map((digit) => SUPERSCRIPTS[Number(digit)]).join('');
}

function formatTerm(term: Term): string {
  if (term.factors.length === 0) return formatNumber(term.coefficient);
  const factors = term.factors.map(formatFactor).join('·');
  if (term.coefficient === 1) return factors;
  if (term.coefficient === -1) return `${MINUS}${factors}`;
  return `${formatNumber(term.coefficient)}·${factors}`;
}

function formatSum(terms: readonly Term[]): string {
  // 5 − n rather than −n + 5.
  const ordered = [...terms];
  const positive = ordered.findIndex((term) => term.coefficient > 0);
  if (positive > 0) ordered.unshift(...ordered.splice(positive, 1));
  return ordered
    .map((term, index) => {
      if (index === 0) return formatTerm(term);
      const absolute = formatTerm({ ...term, coefficient: Math.abs(term.coefficient) });
      return term.coefficient < 0 ? ` ${MINUS} ${absolute}` : ` + ${absolute}`;
    })
    .join('');
}

/** The largest single term that divides all of them. */
function commonFactor(terms: readonly Term[]): Term & { isOne: boolean } {
  const whole = terms.every((term) => Number.isInteger(term.coefficient));
  let coefficient = whole ? terms.reduce((g, term) => greatestCommonDivisor(g, term.coefficient), 0) : 1;
  if (terms.every((term) => term.coefficient < 0)) coefficient = -coefficient;
  const first = terms[0] as Term;
  const factors: Factor[] = [];
  for (const { atom } of first.factors) {
    const power = Math.min(
      ...terms.map((term) => term.factors.find((factor) => factor.atom.key === atom.key)?.power ?? 0),
    );
    if (power > 0) factors.push({ atom, power });
  }
  return { coefficient, factors, isOne: coefficient === 1 && factors.length === 0 };
}

function divideTerm(term: Term, divisor: Term): Term {
  const factors: Factor[] = [];
  for (const { atom, power } of term.factors) {
    const rest = power - (divisor.factors.find((factor) => factor.atom.key === atom.key)?.power ?? 0);
    if (rest > 0) factors.push({ atom, power: rest });
  }
  return { coefficient: term.coefficient / divisor.coefficient, factors };
}

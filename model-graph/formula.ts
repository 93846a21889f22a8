/** Reads sizes as `Symbolic.toString` writes them: `4·units·(units + 1)`, `⌊(h − 2)/2⌋`, `min(a, b)`, `n²`. */

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const token =
  /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([⁰¹²³⁴⁵⁶⁷⁸⁹]+)|([·+−/(),⌊⌋⌈⌉])|([^\s·+−/(),⌊⌋⌈⌉⁰¹²³⁴⁵⁶⁷⁸⁹]+))/y;

type Token =
  | { kind: 'number'; value: number }
  | { kind: 'power'; value: number }
  | { kind: 'sign'; text: string }
  | { kind: 'name'; text: string };

/** The names that a formula depends on, in order of appearance. */
export function namesInFormula(text: string): string[] {
  const names = (tokens(text) ?? []).flatMap((one, i, all) => {
    if (one.kind !== 'name') return [];
    const next = all[i + 1];
    const isFunction =
      (one.text === 'min' || one.text === 'max') && next?.kind === 'sign' && next.text === '(';
    return isFunction ? [] : [one.text];
  });
  return [...new Set(names)];
}

/** The number that a formula comes to. Undefined when a name has no value, or it is no formula. */
export function evaluateFormula(text: string, values: ReadonlyMap<string, number>): number | undefined {
  const read = tokens(text);
  if (!read) return undefined;
  const reader = new FormulaReader(read, values);
  try {
    const value = reader.sum();
    // Never the −0 of rounding up.
    return reader.isAtEnd && Number.isFinite(value) ? value + 0 : undefined;
  } catch (error) {
    if (error instanceof NoValue) return undefined;
    throw error;
  }
}

/** The formula with numbers for some of its names, e.g. `28·units`. */
export function fillFormula(text: string, values: ReadonlyMap<string, number>): string {
  return text.replace(/[^\s·+−/(),⌊⌋⌈⌉⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (name) => {
    const value = values.get(name);
    return value === undefined ? name : value < 0 ? `(−${-value})` : String(value);
  });
}

class NoValue extends Error {}

class FormulaReader {
  private at = 0;

  constructor(
    private readonly all: readonly Token[],
    private readonly values: ReadonlyMap<string, number>,
  ) {}

  get isAtEnd(): boolean {
    return this.at === this.all.length;
  }

  sum(): number {
    let total = this.takes('−') ? -this.product() : this.product();
    for (;;) {
      if (this.takes('+')) total += this.product();
      else if (this.takes('−')) total -= this.product();
      else return total;
    }
  }

  private product(): number {
    let total = this.factor();
    while (this.takes('·')) total *= this.factor();
    return total;
  }

  private factor(): number {
    const base = this.atom();
    const next = this.all[this.at];
    if (next?.kind !== 'power') return base;
    this.at++;
    return base ** next.value;
  }

  private atom(): number {
    const one = this.all[this.at++];
    if (one?.kind === 'number') return one.value;
    if (one?.kind === 'name') return this.named(one.text);
    if (one?.kind !== 'sign') throw new NoValue();
    if (one.text === '(') return this.closed(this.sum(), ')');
    if (one.text === '−') return -this.factor();
    if (one.text !== '⌊' && one.text !== '⌈') throw new NoValue();
    const numerator = this.sum();
    this.expect('/');
    const quotient = numerator / this.sum();
    return one.text === '⌊' ? this.closed(Math.floor(quotient), '⌋') : this.closed(Math.ceil(quotient), '⌉');
  }

  private named(name: string): number {
    if ((name === 'min' || name === 'max') && this.takes('(')) {
      const left = this.sum();
      this.expect(',');
      return this.closed(Math[name](left, this.sum()), ')');
    }
    const value = this.values.get(name);
    if (value === undefined) throw new NoValue();
    return value;
  }

  private closed(value: number, sign: string): number {
    this.expect(sign);
    return value;
  }

  private takes(sign: string): boolean {
    const one = this.all[this.at];
    if (one?.kind !== 'sign' || one.text !== sign) return false;
    this.at++;
    return true;
  }

  private expect(sign: string): void {
    if (!this.takes(sign)) throw new NoValue();
  }
}

function tokens(text: string): Token[] | undefined {
  const found: Token[] = [];
  token.lastIndex = 0;
  for (let end = 0; end < text.trimEnd().length; end = token.lastIndex) {
    const match = token.exec(text);
    if (!match) return undefined;
    const [, number, power, sign, name] = match;
    if (number !== undefined) found.push({ kind: 'number', value: Number(number) });
    else if (power !== undefined)
      found.push({
        kind: 'power',
        value: Number([...power].map((digit) => superscripts.indexOf(digit)).join('')),
      });
    else if (sign !== undefined) found.push({ kind: 'sign', text: sign });
    else found.push({ kind: 'name', text: name ?? '' });
  }
  return found;
}

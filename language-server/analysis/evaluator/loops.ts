/** Loops, those whose number of rounds is known and those whose is not. */
import ts from 'typescript';
import { equalDims, equalShapes } from '../../../model-graph/dims';
import { SymbolicTensor } from '../../../model-graph/wired';
import { keysOf } from '../builtins/objects';
import { ArrayValue, ObjectValue, Scope, UnknownValue, type Value } from '../values';
import { Assignments } from './assignments';
import { type Completion, isContinue, leaveLoop } from './completion';
import { emptyJournal, type Journal } from './journal';
import { isSizeLike, isUndecided } from './kinds';
import { ThrowSignal } from './signals';
import {
  containsLayers,
  isAssignment,
  loopLabel,
  namesAssignedIn,
  namesBoundIn,
  shortText,
  skipParentheses,
  wordsOf,
} from './syntax';

const maximumRounds = 12_000;

/** Rounds of a loop that only `break` ends, after which what it does so far is taken for what it does. */
const endlessRounds = 1_000;

/** The same where a round has asked about something that is not known: whether it is that which ends the loop, is not known. */
const undecidedRounds = 20;

/** Times that a round is evaluated again because it changes more than was seen before. */
const maximumPasses = 4;

/** Puts back what was there before. */
function restore({ maps, arrays, rests }: Journal): void {
  for (const [map, old] of maps) {
    map.clear();
    for (const [key, value] of old) map.set(key, value);
  }
  for (const [array, old] of arrays) {
    array.items.splice(0, array.items.length, ...old);
    array.rest = rests.get(array);
  }
}

/** `[index, element] of list.entries()` */
function isListOfPairs(node: ts.Expression): boolean {
  const call = skipParentheses(node);
  return (
    ts.isCallExpression(call) &&
    call.arguments.length === 0 &&
    ts.isPropertyAccessExpression(call.expression) &&
    call.expression.name.text === 'entries'
  );
}

function mentionsInputShape(node: ts.Node | undefined): boolean {
  return node !== undefined && /nputShape\b/.test(node.getText());
}

/** Whether a loop changes a counter by `++` and `+= 2` alone. */
function onlyGrows(name: string, bodies: readonly (ts.Node | undefined)[]): boolean {
  let grows = true;
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) {
      const isStep =
        node.operatorToken.kind === ts.SyntaxKind.PlusEqualsToken && ts.isNumericLiteral(node.right);
      if (!isStep && wordsOf(node.left.getText()).includes(name)) grows = false;
    }
    if (
      (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
      node.operator === ts.SyntaxKind.MinusMinusToken &&
      wordsOf(node.operand.getText()).includes(name)
    )
      grows = false;
    ts.forEachChild(node, visit);
  };
  for (const body of bodies) if (body) visit(body);
  return grows;
}

export abstract class Loops extends Assignments {
  protected forStatement(node: ts.ForStatement, scope: Scope): Completion {
    let loopScope = new Scope(scope);
    if (node.initializer) {
      if (ts.isVariableDeclarationList(node.initializer)) this.declarations(node.initializer, loopScope);
      else this.expression(node.initializer, loopScope);
    }
    const isEndless = node.condition === undefined || isAlwaysTrue(node.condition);
    return this.inLoop(node, (asked) => {
      for (let round = 0; ; round++) {
        const condition = node.condition ? this.expression(node.condition, loopScope) : true;
        if (isUndecided(condition) || round >= this.roundLimit(isEndless, asked)) {
          return this.unknownRounds(
            node,
            loopScope,
            [node.statement, node.incrementor],
            shortText(node.condition ?? node),
            () => this.loopBody(node.statement, loopScope),
            () => {
              const completion = this.loopBody(node.statement, loopScope);
              if (completion && !isContinue(completion, node)) return completion;
              loopScope = loopScope.copy();
              if (node.incrementor) this.expression(node.incrementor, loopScope);
              return undefined;
            },
          );
        }
        if (!this.truthy(condition, node)) return undefined;
        const completion = this.loopBody(node.statement, loopScope);
        if (completion && !isContinue(completion, node)) return leaveLoop(completion);
        // Each round has its own bindings, so that closures keep theirs.
        loopScope = loopScope.copy();
        if (node.incrementor) this.expression(node.incrementor, loopScope);
      }
    });
  }

  /** How many rounds of a loop are evaluated one by one; `asked` are the conditions in it that are not known. */
  private roundLimit(isEndless: boolean, asked: ReadonlySet<string>): number {
    if (!isEndless) return maximumRounds;
    return asked.size > 0 ? undecidedRounds : endlessRounds;
  }

  protected whileStatement(node: ts.WhileStatement | ts.DoStatement, scope: Scope): Completion {
    const isEndless = isAlwaysTrue(node.expression);
    return this.inLoop(node, (asked) => {
      for (let round = 0; ; round++) {
        if (ts.isWhileStatement(node) || round > 0) {
          const condition = this.expression(node.expression, scope);
          if (isUndecided(condition) || round >= this.roundLimit(isEndless, asked)) {
            const body = () => this.loopBody(node.statement, scope);
            const text = shortText(node.expression);
            return this.unknownRounds(node, scope, [node.statement], text, body, body);
          }
          if (!this.truthy(condition, node.expression)) return undefined;
        }
        const completion = this.loopBody(node.statement, scope);
        if (completion && !isContinue(completion, node)) return leaveLoop(completion);
      }
    });
  }

  protected forOf(node: ts.ForOfStatement, scope: Scope): Completion {
    const iterable = this.expression(node.expression, scope);
    const items = this.iterate(iterable);
    const bindItem = (item: Value): Scope => {
      const inner = new Scope(scope);
      if (ts.isVariableDeclarationList(node.initializer)) {
        const declaration = node.initializer.declarations[0];
        if (declaration) this.bind(declaration.name, item, inner);
      } else {
        this.assign(node.initializer, item, inner);
      }
      return inner;
    };
    return this.inLoop(node, () => {
      const known = items ?? (iterable instanceof ArrayValue ? iterable.items.slice() : []);
      for (const item of known) {
        const completion = this.loopBody(node.statement, bindItem(item));
        if (completion && !isContinue(completion, node)) return leaveLoop(completion);
      }
      if (!items) {
        const text = shortText(node.expression);
        const index = new UnknownValue('index', '', this.locate(node), 'number');
        index.atLeast = known.length;
        const elementAt = (place: Value): UnknownValue => {
          const element = this.elementOfUnknown(iterable, node.expression);
          if (isListOfPairs(node.expression)) element.setMember('0', place);
          return element;
        };
        let any = elementAt(index);
        const body = () => this.loopBody(node.statement, bindItem(any));
        const first = () => {
          // The first keeps its name.
          const begin = any;
          if (isListOfPairs(node.expression)) begin.setMember('0', known.length);
          index.atLeast = known.length + 1;
          any = elementAt(index);
          return this.loopBody(node.statement, bindItem(begin));
        };
        return this.unknownRounds(node, scope, [node.statement], text, body, first);
      }
      return undefined;
    });
  }

  protected forIn(node: ts.ForInStatement, scope: Scope): Completion {
    const object = this.expression(node.expression, scope);
    const keys =
      object instanceof ObjectValue && !object.rest
        ? keysOf(object)
        : object instanceof ArrayValue && !object.rest
          ? Object.keys(object.items)
          : undefined;
    const bindKey = (key: Value): Scope => {
      const inner = new Scope(scope);
      if (ts.isVariableDeclarationList(node.initializer)) {
        const declaration = node.initializer.declarations[0];
        if (declaration) this.bind(declaration.name, key, inner);
      } else {
        this.assign(node.initializer, key, inner);
      }
      return inner;
    };
    return this.inLoop(node, () => {
      if (!keys) {
        return this.unknownRounds(node, scope, [node.statement], shortText(node.expression), () =>
          this.loopBody(
            node.statement,
            bindKey(this.unknown(node.initializer, 'the keys of this object are not known')),
          ),
        );
      }
      for (const key of keys) {
        const completion = this.loopBody(node.statement, bindKey(key));
        if (completion && !isContinue(completion, node)) return leaveLoop(completion);
      }
      return undefined;
    });
  }

  protected loopBody(body: ts.Statement, scope: Scope): Completion {
    this.step();
    const group = this.groups.at(-1);
    if (group?.id === `loop@${body.parent.pos}`) group.round = (group.round ?? -1) + 1;
    return ts.isBlock(body) ? this.block(body, scope) : this.statement(body, new Scope(scope));
  }

  /** `run` is told what conditions that are not known the loop has asked about so far. */
  protected inLoop(node: ts.IterationStatement, run: (asked: ReadonlySet<string>) => Completion): Completion {
    const isGroup = containsLayers(node);
    if (isGroup) this.enterGroup(`loop@${node.pos}`, 'loop', loopLabel(node));
    const asked = new Set<string>();
    this.consulted.push(asked);
    try {
      return run(asked);
    } finally {
      this.consulted.splice(this.consulted.indexOf(asked), 1);
      if (isGroup) this.groups.pop();
    }
  }

  /**
   * A loop whose number of rounds is not known. One round is evaluated; where it leaves every shape as it was, that
   * holds for any number of rounds. Otherwise what the loop changes is lost, and the round is evaluated again with it
   * lost. Either way, how many layers it creates is not known.
   *
   * A loop in which a model begins has a first round, or there would be no model: `first` evaluates that one, and what
   * is said above holds for the rounds behind it.
   */
  unknownRounds(
    node: ts.Node,
    scope: Scope,
    bodies: (ts.Node | undefined)[],
    condition: string,
    run: () => Completion,
    first?: () => Completion,
  ): Completion {
    const reason = `the number of rounds of this loop is not known (${condition})`;
    const at = this.locate(node);
    const widened = new Set<Value>();
    const general = new Set<string>();
    const widen = (name: string, type?: UnknownValue['type']): UnknownValue => {
      const what = name === '…' ? 'a loop adds to it' : `\`${name}\` changes in a loop`;
      const value = new UnknownValue(name, `${what}, and ${reason}`, at, type);
      value.varies = true;
      widened.add(value);
      return value;
    };
    const names = new Set(bodies.flatMap((body) => (body ? namesAssignedIn(body) : [])));
    const varying = new Set([
      ...names,
      ...namesBoundIn(node),
      ...bodies.flatMap((body) => (body ? namesBoundIn(body) : [])),
    ]);
    /** Counters differ in every round. Gives what they were. */
    const widenCounters = (): [Scope, string, Value][] => {
      const counters: [Scope, string, Value][] = [];
      for (const name of names) {
        const holder = scope.holder(name);
        const value = holder?.bindings.get(name);
        if (!holder || !(typeof value === 'string' || isSizeLike(value))) continue;
        this.touch(holder);
        const widened = widen(name, typeof value === 'string' ? 'string' : 'number');
        if (typeof value === 'number' && onlyGrows(name, bodies)) widened.atLeast = value;
        holder.declare(name, widened);
        counters.push([holder, name, value]);
      }
      return counters;
    };
    const counters = widenCounters();
    let firstCreation = this.creations.length;
    let firstProblem = this.topology.problems.length;
    let { numbering } = this.topology;
    const equal = new Map(this.decidedEqual);
    const decisions = this.decisions.length;
    const group = this.groups.at(-1);
    const round = group?.round;
    this.repeatedReason.push({ reason, at });
    let takesFirst = first !== undefined;
    try {
      // What a round changes is lost, and the round is evaluated again with it lost, until nothing more is.
      for (let pass = 0; ; pass++) {
        const changes = this.topology.beginChanges();
        const journal = emptyJournal();
        const asked = new Set<string>();
        this.journals.push(journal);
        this.consulted.push(asked);
        let completion: Completion;
        try {
          completion = this.guardedRound(run);
        } finally {
          this.journals.pop();
          this.consulted.pop();
          this.topology.endChanges(changes);
        }
        // `i < n - 1` comes out in one way here, but in several over the rounds.
        const roundsDiffer = [...asked].some((name) => wordsOf(name).some((word) => varying.has(word)));
        const begins = [...changes.models].some(
          ([model, old]) => old.layers.length === 0 && model.layers.length > 0,
        );
        if (first && takesFirst && (begins || (roundsDiffer && bodies.some(mentionsInputShape)))) {
          takesFirst = false;
          restore(journal);
          this.topology.takeBack(changes);
          this.creations.length = firstCreation;
          this.topology.problems.length = firstProblem;
          this.topology.numbering = numbering;
          for (const { name } of this.decisions.splice(decisions)) this.decided.delete(name);
          this.decidedEqual.clear();
          for (const [subject, constant] of equal) this.decidedEqual.set(subject, constant);
          if (group) group.round = round;
          for (const [holder, name, value] of counters) holder.declare(name, value);
          const repeated = this.repeatedReason.splice(this.repeatedReason.length - 1);
          const ending = this.guardedRound(first);
          this.repeatedReason.push(...repeated);
          if (ending && ending.kind !== 'continue') return leaveLoop(ending);
          firstCreation = this.creations.length;
          firstProblem = this.topology.problems.length;
          ({ numbering } = this.topology);
          widenCounters();
          pass = -1;
          continue;
        }
        /** The sizes that rounds change become symbols of their own; undefined where not even their number stays. */
        const generalize = (name: string, old: SymbolicTensor, now: SymbolicTensor) => {
          if (roundsDiffer || !old.shape || old.shape.length !== now.shape?.length) return undefined;
          let isNew = false;
          const shape = old.shape.map((size, axis) => {
            const other = now.shape![axis] ?? null;
            if (size === other || (size !== null && general.has(String(size)))) return size;
            if (size !== null && other !== null && equalDims(size, other) === true) return size;
            isNew = true;
            const own = this.symbolOf(new UnknownValue(`${name}.shape[${axis}]`, reason, at, 'number'));
            general.add(String(own));
            return own;
          });
          // The next round begins where this one began; after the last one, it is this one's output.
          const { layer, callIndex, outputIndex } = isNew ? old : now;
          return { tensor: new SymbolicTensor(layer, callIndex, outputIndex, shape), isNew };
        };
        let isStable = !this.widenChanges(journal, widened, widen, generalize, roundsDiffer);
        for (const [model, old] of changes.models) {
          if (model.contentsLost || model.layers.length === old.layers.length) continue;
          const now = model.outputs[0];
          if (
            !roundsDiffer &&
            old.outputs[0]?.shape &&
            now?.shape &&
            equalShapes(old.outputs[0].shape, now.shape) === true
          )
            continue;
          const [before] = old.outputs;
          const general = before && now && generalize(model.label ?? 'model', before, now);
          if (general && !general.isNew) {
            model.outputs = [general.tensor];
            model.linkOwnCall();
            continue;
          }
          isStable = false;
          for (const layer of model.layers.slice(old.layers.length))
            if (!old.layers.includes(layer)) model.members.delete(layer);
          model.layers = old.layers;
          if (general) {
            model.outputs = [general.tensor];
            model.linkOwnCall();
          } else this.loseContents(model, { reason, at });
        }
        if (isStable || pass === maximumPasses) {
          // Whether a round that leaves the loop for good is ever reached is not known either.
          const leaves = completion && completion.kind !== 'continue' && leaveLoop(completion);
          return leaves && this.decide(`${condition}: ${completion?.kind}`) ? leaves : undefined;
        }
        this.creations.length = firstCreation;
        this.topology.problems.length = firstProblem;
        this.topology.numbering = numbering;
      }
    } finally {
      this.repeatedReason.pop();
    }
  }

  /** A round that throws ends there. */
  private guardedRound(run: () => Completion): Completion {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof ThrowSignal)) throw error;
      return undefined;
    }
  }

  /** Whether anything was lost that was not lost before. */
  protected widenChanges(
    { maps, arrays }: Journal,
    widened: ReadonlySet<Value>,
    widen: (name: string, type?: UnknownValue['type']) => UnknownValue,
    generalize: (
      name: string,
      old: SymbolicTensor,
      now: SymbolicTensor,
    ) => { tensor: SymbolicTensor; isNew: boolean } | undefined,
    roundsDiffer: boolean,
  ): boolean {
    let isNew = false;
    const known = widened.size;
    const isSame = (before: Value, now: Value) =>
      roundsDiffer && now instanceof SymbolicTensor ? before === now : this.sameForAnyRound(before, now);
    for (const [map, old] of maps) {
      for (const key of new Set([...old.keys(), ...map.keys()])) {
        const [before, now] = [old.get(key) as Value, map.get(key) as Value];
        if (old.has(key) && map.has(key) && isSame(before, now)) continue;
        if (before instanceof SymbolicTensor && now instanceof SymbolicTensor) {
          const tensor = generalize(String(key), before, now);
          if (tensor) {
            map.set(key, tensor.tensor);
            isNew ||= tensor.isNew;
            continue;
          }
        }
        const areSizes = isSizeLike(before) && isSizeLike(now);
        map.set(key, widened.has(before) ? before : widen(String(key), areSizes ? 'number' : undefined));
      }
    }
    for (const [array, old] of arrays) {
      const differs = array.items.findIndex((item, index) => !isSame(old[index], item));
      const from = differs < 0 ? array.items.length : differs;
      if (from === old.length && from === array.items.length) continue;
      // Known elements stay; how many follow is not known.
      array.samples ??= array.items.slice(from);
      array.items.length = Math.min(from, old.length);
      array.rest ??= widen('…');
    }
    return isNew || widened.size > known;
  }

  protected sameForAnyRound(old: Value, now: Value): boolean {
    if (old === now || Object.is(old, now)) return true;
    if (old instanceof UnknownValue && now instanceof UnknownValue && old.root === now.root) return true;
    if (old instanceof SymbolicTensor && now instanceof SymbolicTensor) {
      return old.shape !== null && now.shape !== null && equalShapes(old.shape, now.shape) === true;
    }
    if (isSizeLike(old) && isSizeLike(now)) return equalDims(old, now) === true;
    return false;
  }
}

/** What mentions nothing that could change comes out the same in every round; that it is false, the first round tells. */
function isAlwaysTrue(condition: ts.Expression): boolean {
  const mentions = (node: ts.Node): boolean =>
    ts.isIdentifier(node) ||
    node.kind === ts.SyntaxKind.ThisKeyword ||
    ts.forEachChild(node, mentions) === true;
  return !mentions(condition);
}

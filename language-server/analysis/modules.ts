/** Imports: TensorFlow.js under whatever name, files of the workspace evaluated in their turn, and the rest unknown. */
import ts from 'typescript';
import { fromJson } from './builtins/data';
import type { Evaluation } from './evaluator/evaluation';
import { isHtml, scriptsOf } from './html';
import { isPathModule, pathModule } from './nodePaths';
import { parseSource } from './parse';
import { directoryOf, joinPath } from './paths';
import { isTfPackage, tfNamespace } from './tfjs/namespace';
import { ObjectValue, Scope, TfNamespace, UnknownValue, type Value } from './values';

/** How the analysis reaches other files: the only thing it asks of the world. */
export interface ModuleHost {
  /** The text of a file, or undefined where there is none. `path` is in the form of the path the analysis was asked with. */
  readFile(path: string): string | undefined;
}

/** Parsed files outlive one analysis: only what changed is parsed again. */
export class ParsedFiles {
  private readonly files = new Map<string, { text: string; file: ts.SourceFile }>();

  parse(path: string, text: string): ts.SourceFile {
    const known = this.files.get(path);
    if (known?.text === text) return known.file;
    const program = isHtml(path) ? scriptsOf(text) : text;
    const file = parseSource(path, program);
    this.files.set(path, { text, file });
    if (this.files.size > 200) this.files.delete(this.files.keys().next().value!);
    return file;
  }

  forget(path: string): void {
    this.files.delete(path);
  }
}

/** How the reason of a value begins that comes from a file of the workspace which could not be read. */
export const unreadableModule = 'the file';

const extensions = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];
const maximumModules = 200;

export class ModuleLoader {
  private readonly modules = new Set<string>();
  /** Modules whose evaluation has not ended: who imports them sees later what they hold by then. */
  private readonly loading = new Set<string>();
  private readonly scopes = new Map<string, Scope>();
  private readonly paths = new Map<ts.SourceFile, string>();
  /** Every file that this analysis looked at, found or not: when one changes, the result is out of date. */
  readonly dependencies = new Set<string>();

  constructor(
    private readonly host: ModuleHost,
    private readonly parsed: ParsedFiles,
  ) {}

  pathOf(file: ts.SourceFile): string {
    return this.paths.get(file) ?? file.fileName;
  }

  parse(path: string, text: string): ts.SourceFile {
    const file = this.parsed.parse(path, text);
    this.paths.set(file, path);
    return file;
  }

  /** The file that is asked about. */
  entryPath = '';

  /** Evaluates the file that is asked about. */
  evaluateEntry(evaluator: Evaluation, path: string, file: ts.SourceFile): Scope {
    const scope = moduleScope();
    this.entryPath = path;
    this.scopes.set(path, scope);
    this.modules.add(path);
    this.loading.add(path);
    evaluator.evaluateModule(file, scope);
    this.loading.delete(path);
    return scope;
  }

  /** The scope as it is so far, for a file whose evaluation was cut short. */
  scopeOf(path: string): Scope | undefined {
    return this.scopes.get(path);
  }

  bindImport(evaluator: Evaluation, node: ts.ImportDeclaration, scope: Scope): void {
    const clause = node.importClause;
    if (!clause || !ts.isStringLiteral(node.moduleSpecifier)) return;
    const exports = this.exportsOf(evaluator, node.moduleSpecifier.text, node);
    if (clause.name) this.bindName(evaluator, exports, 'default', clause.name, scope);
    const bindings = clause.namedBindings;
    if (bindings && ts.isNamespaceImport(bindings)) scope.declare(bindings.name.text, exports);
    else if (bindings) {
      for (const element of bindings.elements) {
        this.bindName(evaluator, exports, (element.propertyName ?? element.name).text, element.name, scope);
      }
    }
    // A copy of the library in the program's own folders, an alias of a bundler: the name tells.
    const tf = scope.bindings.get('tf');
    if (tf instanceof UnknownValue) scope.declare('tf', tf.renamed('tf'));
  }

  private bindName(
    evaluator: Evaluation,
    exports: Value,
    name: string,
    local: ts.Identifier,
    scope: Scope,
  ): void {
    const live = exports instanceof ObjectValue ? exports.live?.get(name) : undefined;
    if (live) {
      scope.links ??= new Map();
      scope.links.set(local.text, live);
    } else scope.declare(local.text, this.pick(evaluator, exports, name, local));
  }

  bindImportEquals(evaluator: Evaluation, node: ts.ImportEqualsDeclaration, scope: Scope): void {
    const reference = node.moduleReference;
    if (ts.isExternalModuleReference(reference) && ts.isStringLiteral(reference.expression)) {
      scope.declare(node.name.text, this.exportsOf(evaluator, reference.expression.text, node));
    }
  }

  /** `require(…)` and `import(…)`. */
  importValue(evaluator: Evaluation, specifier: Value, node: ts.Node): Value {
    if (typeof specifier !== 'string') return evaluator.unknown(node, 'which module is loaded is not known');
    return this.exportsOf(evaluator, specifier, node);
  }

  private pick(evaluator: Evaluation, exports: Value, name: string, node: ts.Node): Value {
    if (
      name === 'default' &&
      exports instanceof ObjectValue &&
      !exports.properties.has('default') &&
      !exports.live?.has('default') &&
      !exports.rest
    ) {
      return exports; // a CommonJS module imported as default
    }
    return evaluator.member(exports, name, node);
  }

  private exportsOf(evaluator: Evaluation, specifier: string, node: ts.Node): Value {
    if (isTfPackage(specifier)) return tfNamespace;
    if (isPathModule(specifier)) {
      return pathModule(evaluator.unknown(node, `this part of "${specifier}" is not followed`, specifier));
    }
    if (!specifier.startsWith('.') && !specifier.startsWith('/')) {
      return new UnknownValue(
        specifier.replace(/^.*\//, ''),
        `package "${specifier}" is not analysed`,
        evaluator.locate(node),
      );
    }
    const from = this.pathOf(node.getSourceFile());
    const found = this.find(from, specifier);
    if (!found) {
      return new UnknownValue(
        specifier,
        `${unreadableModule} "${specifier}" was not found`,
        evaluator.locate(node),
      );
    }
    if (found.path.endsWith('.json')) {
      const json = ts.parseConfigFileTextToJson(found.path, found.text);
      if (json.error)
        return new UnknownValue(
          specifier,
          `${unreadableModule} "${specifier}" is not valid JSON`,
          evaluator.locate(node),
        );
      return fromJson(json.config);
    }
    return this.load(evaluator, found.path, found.text, specifier, node);
  }

  private load(evaluator: Evaluation, path: string, text: string, specifier: string, node: ts.Node): Value {
    if (!this.modules.has(path)) {
      if (this.modules.size >= maximumModules) {
        return new UnknownValue(
          specifier,
          `${unreadableModule} "${specifier}" is one of too many to follow`,
          evaluator.locate(node),
        );
      }
      const scope = moduleScope();
      this.modules.add(path);
      this.loading.add(path);
      this.scopes.set(path, scope);
      const file = this.parse(path, text);
      evaluator.evaluateModule(file, scope);
      this.loading.delete(path);
    }
    return this.exportsFrom(evaluator, path, this.scopes.get(path)!);
  }

  private exportsFrom(evaluator: Evaluation, path: string, scope: Scope): Value {
    const file = this.parsed.parse(path, this.host.readFile(path) ?? '');
    const commonJs = scope.lookup('module').value;
    if (commonJs instanceof ObjectValue) {
      const exported = commonJs.properties.get('exports');
      if (!(exported instanceof ObjectValue) || exported.properties.size > 0) return exported;
      // In a circle of `require`, what it exports is still to come.
      if (this.loading.has(path) && !ts.isExternalModule(file)) return exported;
    }
    const exports = new ObjectValue();
    exports.live = new Map();
    const isLoading = this.loading.has(path);
    const later = (name: string) => (): Value => {
      const { found, value } = scope.lookup(name);
      const reason = `\`${name}\` is read before its module has declared it`;
      return found ? value : evaluator.unknown(file, reason, name);
    };
    for (const statement of file.statements) {
      if (ts.isExportDeclaration(statement)) {
        this.reExport(evaluator, statement, scope, exports, later);
      } else if (
        ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)
      ) {
        for (const name of declaredNames(statement)) {
          exports.properties.set(name, scope.lookup(name).value);
          if (isLoading) exports.live.set(name, later(name));
          else if (mayChange(statement)) exports.live.set(name, () => scope.lookup(name).value);
        }
      }
    }
    const fallback = scope.lookup('default');
    if (fallback.found) exports.properties.set('default', fallback.value);
    else if (isLoading && file.statements.some(exportsDefault)) exports.live.set('default', later('default'));
    return exports;
  }

  private reExport(
    evaluator: Evaluation,
    statement: ts.ExportDeclaration,
    scope: Scope,
    exports: ObjectValue,
    later: (name: string) => () => Value,
  ): void {
    const { moduleSpecifier, exportClause } = statement;
    const source =
      moduleSpecifier && ts.isStringLiteral(moduleSpecifier)
        ? this.exportsOf(evaluator, moduleSpecifier.text, statement)
        : undefined;
    if (!exportClause) {
      if (source instanceof ObjectValue) {
        for (const [name, value] of source.properties)
          if (name !== 'default') exports.properties.set(name, value);
        for (const [name, live] of source.live ?? []) exports.live?.set(name, live);
        exports.fallback ??= source.fallback;
      }
      if (source instanceof UnknownValue) exports.rest = source;
      if (source instanceof TfNamespace) exports.fallback = source;
      return;
    }
    if (ts.isNamespaceExport(exportClause)) {
      exports.properties.set(exportClause.name.text, source);
      return;
    }
    for (const element of exportClause.elements) {
      const local = (element.propertyName ?? element.name).text;
      const value =
        source === undefined ? scope.lookup(local).value : this.pick(evaluator, source, local, element);
      exports.properties.set(element.name.text, value);
      const live =
        source === undefined
          ? later(local)
          : source instanceof ObjectValue
            ? source.live?.get(local)
            : undefined;
      if (live) exports.live?.set(element.name.text, live);
    }
  }

  /** A file that is no module, e.g. a model that the program loads. */
  readText(path: string): string | undefined {
    this.dependencies.add(path);
    return this.host.readFile(path);
  }

  private find(from: string, specifier: string): { path: string; text: string } | undefined {
    const base = joinPath(directoryOf(from), specifier);
    // `./model.js` of a TypeScript program means `./model.ts`.
    const bases = /\.(js|mjs|cjs|jsx)$/.test(base)
      ? [base, base.replace(/\.(m|c)?jsx?$/, '.$1ts'), base.replace(/\.(m|c)?jsx?$/, '.tsx')]
      : [base];
    for (const candidate of bases) {
      for (const suffix of [...extensions, ...extensions.slice(1).map((extension) => `/index${extension}`)]) {
        const path = candidate + suffix;
        if (!/\.[cm]?[jt]sx?$|\.json$/.test(path)) continue;
        this.dependencies.add(path);
        const text = this.host.readFile(path);
        if (text !== undefined) return { path, text };
      }
    }
    return undefined;
  }
}

function moduleScope(): Scope {
  const scope = new Scope(undefined, true);
  const exports = new ObjectValue();
  scope.declare('module', new ObjectValue([['exports', exports]]));
  scope.declare('exports', exports);
  return scope;
}

/** An exported `let`: who imports it sees what it holds by then. */
function mayChange(statement: ts.Statement): boolean {
  return ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Const) === 0;
}

function exportsDefault(statement: ts.Statement): boolean {
  return (
    ts.isExportAssignment(statement) ||
    (ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword) ?? false))
  );
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap((declaration) => boundNames(declaration.name));
  if (
    (ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement) ||
      ts.isModuleDeclaration(statement)) &&
    statement.name
  ) {
    return [statement.name.text];
  }
  return [];
}

function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : boundNames(element.name),
  );
}

/** Declarations, destructuring, assignments. */
import ts from 'typescript';
import {
  ArrayValue,
  ClassValue,
  FunctionValue,
  ObjectValue,
  type Scope,
  UnknownValue,
  type Value,
} from '../values';
import { Classes } from './classes';
import { memberNameText, skipParentheses, typeNameOf } from './syntax';

export abstract class Assignments extends Classes {
  protected declarations(list: ts.VariableDeclarationList, scope: Scope): void {
    const isVar = (list.flags & ts.NodeFlags.BlockScoped) === 0;
    const target = isVar ? scope.functionScope() : scope;
    for (const declaration of list.declarations) {
      if (isVar && !declaration.initializer) continue; // does not reset what it holds by now
      const value = declaration.initializer ? this.expression(declaration.initializer, scope) : undefined;
      this.bind(declaration.name, value, target);
    }
  }

  /** `declare const size: number`: there is one, somewhere else. */
  protected ambient(list: ts.VariableDeclarationList, scope: Scope): void {
    for (const { name, type } of list.declarations) {
      if (!ts.isIdentifier(name) || name.text === 'tf') continue; // the global tf of a script tag
      const reason = `\`${name.text}\` is declared here, but made elsewhere`;
      scope.declare(name.text, new UnknownValue(name.text, reason, this.locate(name), typeNameOf(type)));
    }
  }

  protected bind(target: ts.BindingName, value: Value, scope: Scope): void {
    if (ts.isIdentifier(target)) {
      this.touch(scope);
      scope.declare(target.text, this.named(value, target.text));
      this.options.onName?.(target, value);
    } else if (ts.isObjectBindingPattern(target)) {
      const taken = new Set<string>();
      for (const element of target.elements) {
        if (element.dotDotDotToken) {
          this.bind(element.name, this.restOf(value, taken, element), scope);
          continue;
        }
        const nameNode = element.propertyName ?? element.name;
        const name = ts.isIdentifier(nameNode)
          ? nameNode.text
          : this.propertyName(nameNode as ts.PropertyName, scope);
        if (name === undefined) continue;
        taken.add(name);
        let part = this.member(value, name, element);
        // In a parameter, `{units}` of an unknown object is best called `units`.
        if (part instanceof UnknownValue && value instanceof UnknownValue && !part.asSymbol) {
          part = part.renamed(name);
          value.setMember(name, part);
        }
        if (element.initializer) part = this.withDefault(part, element.initializer, scope);
        this.bind(element.name, part, scope);
      }
    } else {
      const list = this.asList(value);
      target.elements.forEach((element, index) => {
        if (ts.isOmittedExpression(element)) return;
        let part = element.dotDotDotToken
          ? this.sliceFrom(list, index, element)
          : this.element(list, index, element);
        if (element.initializer) part = this.withDefault(part, element.initializer, scope);
        this.bind(element.name, part, scope);
      });
    }
  }

  /** What a pattern takes apart: the elements of a Map, a Set or whatever else can be iterated over. */
  private asList(value: Value): Value {
    const items = value instanceof ObjectValue ? this.iterate(value) : undefined;
    return items ? new ArrayValue(items) : value;
  }

  protected assign(target: ts.Expression, value: Value, scope: Scope): void {
    const node = skipParentheses(target);
    if (ts.isIdentifier(node)) {
      const holder = scope.holder(node.text) ?? scope.functionScope();
      this.touch(holder);
      holder.declare(node.text, this.named(value, node.text));
    } else if (ts.isPropertyAccessExpression(node)) {
      const object = this.expression(node.expression, scope);
      const setter =
        object instanceof ObjectValue
          ? this.setterOf(object.classValue, node.name.text)
          : object instanceof ClassValue
            ? this.setterOf(object, node.name.text, true)
            : undefined;
      const ownSetter = object instanceof ObjectValue ? object.setters.get(node.name.text) : undefined;
      if (ownSetter) {
        this.invoke(ownSetter, [value], object, undefined);
      } else if (setter) {
        this.invoke(
          new FunctionValue(setter.member, setter.owner.scope!, object, node.name.text, setter.owner),
          [value],
          object,
          undefined,
        );
      } else {
        this.assignMember(object, node.name.text, value);
      }
    } else if (ts.isElementAccessExpression(node)) {
      const object = this.expression(node.expression, scope);
      const key = this.expression(node.argumentExpression, scope);
      if (typeof key === 'number' || typeof key === 'string') this.assignMember(object, String(key), value);
      else if (object instanceof ArrayValue)
        this.loseElements(object, 0, this.unknown(node, 'an element was set at a place that is not known'));
      else if (object instanceof ObjectValue)
        this.openUp(object, this.unknown(node, 'a property was set whose name is not known'));
    } else if (ts.isArrayLiteralExpression(node)) {
      const list = this.asList(value);
      node.elements.forEach((element, index) => {
        if (ts.isOmittedExpression(element)) return;
        if (ts.isSpreadElement(element))
          this.assign(element.expression, this.sliceFrom(list, index, element), scope);
        else this.assignWithDefault(element, this.element(list, index, element), scope);
      });
    } else if (ts.isObjectLiteralExpression(node)) {
      for (const property of node.properties) {
        if (ts.isShorthandPropertyAssignment(property)) {
          let part = this.member(value, property.name.text, property);
          if (property.objectAssignmentInitializer)
            part = this.withDefault(part, property.objectAssignmentInitializer, scope);
          this.assign(property.name, part, scope);
        } else if (ts.isPropertyAssignment(property)) {
          const name = this.propertyName(property.name, scope);
          if (name !== undefined)
            this.assignWithDefault(property.initializer, this.member(value, name, property), scope);
        }
      }
    }
  }

  protected assignWithDefault(target: ts.Expression, value: Value, scope: Scope): void {
    if (ts.isBinaryExpression(target) && target.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      this.assign(target.left, this.withDefault(value, target.right, scope), scope);
    } else {
      this.assign(target, value, scope);
    }
  }

  protected deleteMember(target: ts.Expression, scope: Scope): void {
    if (!ts.isPropertyAccessExpression(target) && !ts.isElementAccessExpression(target)) return;
    const object = this.expression(target.expression, scope);
    if (!(object instanceof ObjectValue)) return;
    const key = ts.isPropertyAccessExpression(target)
      ? target.name.text
      : this.expression(target.argumentExpression, scope);
    if (typeof key !== 'string' && typeof key !== 'number') {
      this.openUp(object, this.unknown(target, 'which property was deleted is not known'));
      return;
    }
    this.touch(object);
    object.properties.delete(String(key));
    if (object.configuration) {
      object.configuration = { ...object.configuration };
      delete object.configuration[String(key)];
    }
    object.getters.delete(String(key));
  }

  protected propertyName(node: ts.PropertyName, scope: Scope): string | undefined {
    if (ts.isComputedPropertyName(node)) {
      const value = this.expression(node.expression, scope);
      return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
    }
    return memberNameText(node);
  }
}

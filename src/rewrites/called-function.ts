import {
  decoratorsOf,
  isFunction,
  keyName,
  type ClassNode,
  type FunctionNode,
  type Node,
  type TSESTree,
} from '../analysis/javascript/syntax.ts';
import { visit } from './walk.ts';
import type { Source } from './source.ts';

/** A function that a call names and that stands in the same file, with the name by which it has one of the arguments. */
export interface Called {
  readonly fn: FunctionNode;
  readonly handle: string;
}

/** The function that a call runs, where it is handed what a name stands for, or stands where it sees that name itself. */
export function calledFunction(call: Node, handle: string | null, source: Source): Called | null {
  if (call.type !== 'CallExpression' || handle === null) return null;
  const { callee } = call;
  // `(async () => { … })()`
  if (isFunction(callee)) return callee.params.length === 0 ? { fn: callee, handle } : null;
  const fn = callee.type === 'Identifier' ? namedFunction(callee, source) : ownMethod(callee, source);
  const at = call.arguments.findIndex((argument) => argument.type === 'Identifier' && argument.name === handle);
  const parameter = at < 0 ? undefined : fn?.params[at];
  return fn && parameter?.type === 'Identifier' ? { fn, handle: parameter.name } : null;
}

function namedFunction(name: TSESTree.Identifier, source: Source): FunctionNode | null {
  const [declared, ...others] = source.variableAt(name)?.identifiers ?? [];
  const parent = others.length === 0 ? declared?.parent : undefined;
  if (parent?.type === 'FunctionDeclaration') return parent;
  if (parent?.type !== 'VariableDeclarator' || parent.parent.kind !== 'const' || !parent.init) return null;
  return isFunction(parent.init) ? parent.init : null;
}

/**
 * The method that `this.method` means: of the class around, or of one in this file that it extends. Null where a field or
 * several signatures have the name.
 */
function ownMethod(callee: Node, source: Source): FunctionNode | null {
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'ThisExpression') return null;
  const name = callee.computed ? null : nameOf(callee.property);
  if (name === null) return null;
  for (let body = classAround(callee); body; body = bodyOf(body.parent.superClass, source)) {
    const [method, ...others] = body.body.filter(
      (member) => 'key' in member && !member.computed && nameOf(member.key) === name,
    );
    if (!method) continue;
    if (others.length > 0 || method.type !== 'MethodDefinition' || method.kind !== 'method') return null;
    return method.value.type === 'FunctionExpression' ? method.value : null;
  }
  return null;
}

function classAround(node: Node): TSESTree.ClassBody | null {
  for (let around = node.parent; around; around = around.parent) if (around.type === 'ClassBody') return around;
  return null;
}

function bodyOf(superClass: Node | null, source: Source): TSESTree.ClassBody | null {
  const [declared] = superClass?.type === 'Identifier' ? (source.variableAt(superClass)?.identifiers ?? []) : [];
  return declared?.parent?.type === 'ClassDeclaration' ? declared.parent.body : null;
}

/** `name`, or `#name`, which is another one. */
function nameOf(key: Node): string | null {
  return key.type === 'PrivateIdentifier' ? `#${key.name}` : keyName(key, false);
}

/**
 * Whether whoever calls a function can do with a value in place of its promise, as far as this file tells. Without types
 * nobody tells other files of it, so that there it must not be seen by them.
 */
export function becomesSynchronous(fn: FunctionNode, isTyped: boolean, source: Source): boolean {
  const { parent } = fn;
  // It runs where it stands.
  if (parent.type === 'CallExpression') return true;
  if (parent.type === 'MethodDefinition') {
    const name = nameOf(parent.key);
    const isOwn = parent.key.type === 'PrivateIdentifier' || isTyped || !isSeenOutside(parent.parent.parent, source);
    const isFixed = decoratorsOf(parent).length === 0 && !parent.override;
    return isOwn && isFixed && name !== null && membersNamed(name, source).every((use) => isAwaited(use, source));
  }
  const declaration = parent.type === 'VariableDeclarator' ? parent : fn;
  const named = declaration.type === 'ArrowFunctionExpression' ? null : declaration.id;
  const variable = named?.type === 'Identifier' ? source.variableAt(named) : null;
  if (!variable || (named?.type === 'Identifier' && named.typeAnnotation)) return false;
  if (!isTyped && isExported(declaration)) return false;
  return variable.references.every(({ identifier, init }) => init === true || isAwaited(identifier, source));
}

/** Whether a declaration of a variable, function or class is an export. */
function isExported(declaration: Node): boolean {
  const statement = declaration.type === 'VariableDeclarator' ? declaration.parent : declaration;
  return statement.parent?.type.startsWith('Export') === true;
}

/** Whether a class goes anywhere but into `new` and `extends`. */
function isSeenOutside(cls: ClassNode, source: Source): boolean {
  if (cls.type === 'ClassExpression' || isExported(cls)) return true;
  const uses = source.declaredBy(cls).flatMap(({ references }) => references.map(({ identifier }) => identifier));
  return uses.some((use) => {
    const isMade = use.parent?.type === 'NewExpression' && use.parent.callee === use;
    return !isMade && use.parent?.type !== 'ClassDeclaration';
  });
}

function membersNamed(name: string, source: Source): Node[] {
  const members: Node[] = [];
  visit(source.program, (node) => {
    if (node.type === 'MemberExpression' && !node.computed && nameOf(node.property) === name) members.push(node);
  });
  return members;
}

/** `await name()`, `return name()` in an asynchronous function, or a call without use of its result. */
function isAwaited(name: Node, source: Source): boolean {
  const call = name.parent;
  if (call?.type !== 'CallExpression' || call.callee !== name) return false;
  const { parent } = call;
  if (parent.type === 'ReturnStatement') return source.functionAround(call)?.async === true;
  if (parent.type === 'ArrowFunctionExpression') return parent.async;
  return ['AwaitExpression', 'ExpressionStatement', 'ArrayExpression'].includes(parent.type);
}

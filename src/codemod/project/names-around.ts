import { isFunction, type Node, type TSESTree } from '../../analysis/javascript/syntax.ts';
import type { SourceCode } from 'eslint';

/** Characters of the call that a function without a name is handed to. */
const LONGEST = 60;

/**
 * The classes and functions around a place, the outermost first: `Queue.claim`, `app.get('/users')` for a function that a
 * call is handed. Empty at the top of a module.
 */
export function namesAround(code: SourceCode, offset: number): string {
  const names: string[] = [];
  for (let node = code.getNodeByRangeIndex(offset) as Node | null; node; node = node.parent ?? null) {
    const name = nameOf(node, code);
    if (name !== null) names.unshift(name);
  }
  return names.join('.');
}

function nameOf(node: Node, code: SourceCode): string | null {
  if (!isFunction(node) && node.type !== 'ClassDeclaration' && node.type !== 'ClassExpression') return null;
  if (node.id) return node.id.name;
  const { parent } = node;
  switch (parent.type) {
    case 'VariableDeclarator':
      return code.getText(parent.id as never);
    case 'AssignmentExpression':
      return code.getText(parent.left as never);
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'Property':
      return code.getText(parent.key as never);
    case 'CallExpression':
      return callOf(parent, code);
    default:
      return null;
  }
}

/** The called function with the text that it is given, if any: it tells routes and tests from each other. */
function callOf({ callee, arguments: [first] }: TSESTree.CallExpression, code: SourceCode): string | null {
  if (callee.type !== 'Identifier' && callee.type !== 'MemberExpression') return null;
  const text = first?.type === 'Literal' ? `(${first.raw})` : '';
  const name = code.getText(callee as never) + text;
  return name.length > LONGEST || name.includes('\n') ? null : name;
}

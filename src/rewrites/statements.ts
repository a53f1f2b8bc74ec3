import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';

/** The list of statements that a statement stands in, as far as it comes behind it; null where it stands alone. */
export function listOf(statement: Node): { readonly behind: readonly Node[] } | null {
  const list = listIn(statement.parent);
  const at = list?.indexOf(statement) ?? -1;
  return list && at >= 0 ? { behind: list.slice(at + 1) } : null;
}

/** The statements that run one after another in a node. */
export function listIn(node: Node | undefined): readonly Node[] | null {
  switch (node?.type) {
    case 'Program':
    case 'BlockStatement':
    case 'StaticBlock':
    case 'TSModuleBlock':
      return node.body;
    case 'SwitchCase':
      return node.consequent;
    default:
      return null;
  }
}

/** The `try` whose block a statement stands in, without other blocks between. */
export function tryAround(statement: Node): TSESTree.TryStatement | null {
  const block = statement.parent;
  const outer = block?.parent;
  return outer?.type === 'TryStatement' && outer.block === block ? outer : null;
}

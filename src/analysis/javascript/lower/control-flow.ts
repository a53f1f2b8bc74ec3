import { assignTo } from './assignments.ts';
import { lowerEffect, lowerExpression } from './expressions.ts';
import { isUsing, lowerStatement, lowerStatements, lowerVariables } from './statements.ts';
import type { Builder } from './builder.ts';
import type { Block, Slot } from '../../ir.ts';
import type { Node, TSESTree } from '../syntax.ts';

export function lowerLoop(
  builder: Builder,
  node:
    | TSESTree.WhileStatement
    | TSESTree.DoWhileStatement
    | TSESTree.ForStatement
    | TSESTree.ForInStatement
    | TSESTree.ForOfStatement,
  label: string | null,
): void {
  switch (node.type) {
    case 'WhileStatement':
    case 'DoWhileStatement':
      builder.emit({
        op: 'loop',
        label,
        test: lowerTest(builder, node.test),
        body: builder.nested(() => lowerStatement(builder, node.body)),
        update: [],
        bodyFirst: node.type === 'DoWhileStatement',
      });
      return;
    case 'ForStatement': {
      const emitAll = (): void => {
        if (node.init?.type === 'VariableDeclaration') lowerVariables(builder, node.init);
        else if (node.init) lowerEffect(builder, node.init);
        const { update } = node;
        builder.emit({
          op: 'loop',
          label,
          test: node.test ? lowerTest(builder, node.test) : null,
          body: builder.nested(() => lowerStatement(builder, node.body)),
          update: builder.nested(() => update && lowerEffect(builder, update)),
          bodyFirst: false,
        });
      };
      builder.inScope(node, () =>
        builder.blockOf(node, () => {
          if (node.init && isUsing(node.init))
            builder.emit({ op: 'scope', body: builder.nested(emitAll), site: builder.site(node.init) });
          else emitAll();
        }),
      );
      return;
    }
    default:
      builder.inScope(node, () => builder.blockOf(node, () => lowerEach(builder, node, label)));
  }
}

function lowerEach(
  builder: Builder,
  node: TSESTree.ForInStatement | TSESTree.ForOfStatement,
  label: string | null,
): void {
  const over = lowerExpression(builder, node.right);
  const element = builder.temporary();
  const { left } = node;
  const body = builder.nested(() => {
    const assign = (): void => {
      if (left.type !== 'VariableDeclaration') {
        assignTo(builder, left, element);
      } else {
        const target = left.declarations[0].id;
        if (left.kind === 'using' || left.kind === 'await using') {
          builder.emit({
            op: 'using',
            from: builder.copy(element),
            awaits: left.kind === 'await using',
            site: builder.site(left),
          });
        }
        assignTo(builder, target, element);
      }
      lowerStatement(builder, node.body);
    };
    if (isUsing(left)) builder.emit({ op: 'scope', body: builder.nested(assign), site: builder.site(left) });
    else assign();
  });
  builder.emit({
    op: 'each',
    label,
    over,
    element,
    body,
    awaits: node.type === 'ForOfStatement' && node.await,
    names: node.type === 'ForInStatement',
    site: builder.site(node),
  });
}

export function lowerSwitch(builder: Builder, node: TSESTree.SwitchStatement, label: string | null): void {
  const subject = lowerExpression(builder, node.discriminant);
  builder.inScope(node, () =>
    builder.blockOf(node, () => {
      builder.emit({
        op: 'switch',
        subject,
        label,
        cases: node.cases.map((entry) => ({
          test: entry.test ? lowerTest(builder, entry.test) : null,
          body: builder.nested(() => lowerStatements(builder, entry.consequent)),
        })),
      });
    }),
  );
}

export function lowerLabelled(builder: Builder, node: TSESTree.LabeledStatement): void {
  const label = node.label.name;
  switch (node.body.type) {
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
      lowerLoop(builder, node.body, label);
      return;
    case 'SwitchStatement':
      lowerSwitch(builder, node.body, label);
      return;
    default:
      builder.emit({ op: 'labelled', label, body: builder.nested(() => lowerStatement(builder, node.body)) });
  }
}

export function lowerTry(builder: Builder, node: TSESTree.TryStatement): void {
  const { handler, finalizer } = node;
  const error = builder.temporary();
  builder.emit({
    op: 'try',
    body: builder.nested(() => lowerStatement(builder, node.block)),
    handler: handler && {
      error,
      body: builder.nested(() => {
        builder.inScope(handler, () => {
          if (handler.param) assignTo(builder, handler.param, error);
          else builder.drop(error);
          lowerStatement(builder, handler.body);
        });
      }),
    },
    finalizer: finalizer ? builder.nested(() => lowerStatement(builder, finalizer)) : null,
  });
}

/** A condition that is computed anew each time. */
function lowerTest(builder: Builder, node: Node): { block: Block; slot: Slot } {
  let slot = 0;
  const block = builder.nested(() => {
    slot = lowerExpression(builder, node);
  });
  return { block, slot };
}

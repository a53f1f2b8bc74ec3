import { isFunction, type Node, type TSESTree } from '../analysis/javascript/syntax.ts';
import { deferredBegin, sqlAt } from './sql-text.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { importName } from './imports.ts';
import { addition } from './object-option.ts';
import { isInstalled } from './wrapper.ts';
import { isJavaScript } from '../source-paths.ts';
import type { UpgradeFact } from '../analysis/facts.ts';
import type { ImmediateForm } from '../drivers/driver.ts';
import type { Source, Variable } from './source.ts';

/**
 * Begins a transaction with the lock for writing, so that the busy timeout works for it. Nothing else changes: what ran
 * before still runs, in the same order.
 */
export function immediate(source: Source, { site, immediate: form }: UpgradeFact): Proposal {
  const node = source.find(site.node);
  if (!node) return withdrawn('not-in-source');
  switch (form?.by) {
    case undefined:
      return withdrawn('no-immediate-form');
    case 'statement':
      return immediateStatement(node, source);
    case 'method':
      return node.type === 'CallExpression' ? immediateCalls(node, form.method, source) : withdrawn('called-elsewhere');
    case 'argument':
      return node.type === 'CallExpression' ? immediateArgument(node, form, source) : withdrawn('called-elsewhere');
    case 'option':
      return node.type === 'CallExpression'
        ? immediateOption(node, form, site.module.path, source)
        : withdrawn('called-elsewhere');
  }
}

function immediateStatement(node: Node, source: Source): Proposal {
  const sql = sqlAt(node, source);
  if (!sql) return withdrawn('sql-elsewhere');
  if (/^\s*savepoint\b/i.test(sql.raw)) return withdrawn('savepoint');
  const range = deferredBegin(sql);
  if (!range) return withdrawn('sql-elsewhere');
  const isLower = source.text.slice(0, range[0]).endsWith('begin');
  return { title: 'beginImmediate', safe: true, edits: [{ range, text: isLower ? ' immediate' : ' IMMEDIATE' }] };
}

/** `db.transaction(fn)`: each call of what it returns asks for the lock. */
function immediateCalls(made: TSESTree.CallExpression, method: string, source: Source): Proposal {
  const { parent } = made;
  if (parent.type === 'CallExpression' && parent.callee === made) return calling([made], `${method}()`, method);
  if (parent.type !== 'VariableDeclarator' || isExported(parent)) return withdrawn('called-elsewhere');
  const variable = source.variableOf(parent);
  const callees = variable && calleesOf(variable);
  return callees ? calling(callees, `${variable.name}.${method}()`, method) : withdrawn('called-elsewhere');
}

function calling(callees: readonly Node[], call: string, method: string): Proposal {
  const edits: Edit[] = callees.map((callee) => insertion(callee.range[1], `.${method}`));
  return { title: 'callImmediate', data: { call }, safe: true, edits };
}

/** The places that call a function; null where it is used in another way, or not called at all. */
function calleesOf({ references }: Variable): Node[] | null {
  const uses = references.filter(({ init }) => init !== true).map(({ identifier }) => identifier);
  const areCalls = uses.every((use) => use.parent?.type === 'CallExpression' && use.parent.callee === use);
  return uses.length > 0 && areCalls ? uses : null;
}

function isExported({ parent }: TSESTree.VariableDeclarator): boolean {
  return parent.parent.type === 'ExportNamedDeclaration';
}

function immediateArgument(
  call: TSESTree.CallExpression,
  { argument, code }: ImmediateForm & { by: 'argument' },
  source: Source,
): Proposal {
  const given = call.arguments[argument];
  const before = call.arguments.at(-1);
  const title = { title: 'passImmediate', data: { option: code }, safe: true } as const;
  if (given?.type === 'Literal') return { ...title, edits: [{ range: given.range, text: source.quoted(code) }] };
  if (given || call.arguments.length !== argument) return withdrawn('argument-given');
  // Where a line ends with the last argument, so does the new one; a comma that trails stays in front of it.
  if (before && !isFunction(before)) return withdrawn('argument-given');
  const at = before ? before.range[1] : call.range[1] - 1;
  return { ...title, edits: [insertion(at, `${before ? ', ' : ''}${source.quoted(code)}`)] };
}

/** Options come first, and in front of a callback. */
function immediateOption(
  call: TSESTree.CallExpression,
  { option, value, typed }: ImmediateForm & { by: 'option' },
  file: string,
  source: Source,
): Proposal {
  const [given] = call.arguments;
  const paren = source.openingParenthesis(call);
  if (!paren || (given && given.type !== 'ObjectExpression' && !isFunction(given))) return withdrawn('argument-given');
  // Version 7 has another package, with an enumeration of its own.
  const isTyped = !isJavaScript(file);
  if (isTyped && !importsFrom(typed.module, source) && !isInstalled(typed.module, file))
    return withdrawn('by-a-library');
  const imported = isTyped ? importName(source, typed.module, typed.name, call) : null;
  const code = imported ? imported.local + typed.member : source.quoted(value);
  const edits =
    given?.type === 'ObjectExpression'
      ? addition(given, [option], code, source)
      : [insertion(paren.range[1], `{ ${option}: ${code} }${given ? ', ' : ''}`)];
  if (!edits) return withdrawn('argument-given');
  const title = { title: 'passImmediate', data: { option: `${option}: ${code}` }, safe: true } as const;
  return { ...title, edits: [...edits, ...(imported?.edits ?? [])] };
}

function importsFrom(module: string, source: Source): boolean {
  return source.program.body.some(
    (statement) => statement.type === 'ImportDeclaration' && statement.source.value === module,
  );
}

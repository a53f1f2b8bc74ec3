import { parseSync } from 'oxc-parser';
import type { Expression, Program } from 'oxc-parser';

/** The names by which ESLint finds its config, in its order (eslint.org, "Configuration Files"). */
export const CONFIG_FILES = [
  'eslint.config.js',
  'eslint.config.mjs',
  'eslint.config.cjs',
  'eslint.config.ts',
  'eslint.config.mts',
  'eslint.config.cts',
];

/** The element of a config that points to the project's wrapper, indented by one step. */
export function settingsElement(module: string, driver: string): string {
  return [
    '  {',
    '    settings: {',
    `      unbusy: { wrapper: { module: '${module}', driver: '${driver}' } },`,
    '    },',
    '  },',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** A config for a project that has none. */
export function newConfig(element: string, typed: boolean): string {
  const parser = typed ? "import * as parser from '@typescript-eslint/parser';\n" : '';
  const language = typed ? "  { files: ['**/*.{ts,tsx,mts,cts}'], languageOptions: { parser } },\n" : '';
  return `${parser}import { defineConfig } from 'eslint/config';
import unbusy from 'eslint-plugin-unbusy';

export default defineConfig([
${language}  unbusy.configs.recommended,
${element}]);
`;
}

/**
 * Adds an element at the end of the list that a config exports, and leaves the rest as it is. Null where the config makes
 * that list in a way that is not read, or speaks of `unbusy` settings already. By hand, as ts-morph's `addElement` (28.0)
 * drops the comments behind the last element, and indents as it likes.
 */
export function withElement(path: string, text: string, element: string): string | null {
  if (/\bunbusy\s*:/.test(text)) return null;
  const { program, errors } = parseSync(path, text);
  const list = errors.length === 0 ? listOf(exported(program), program) : null;
  if (!list) return null;
  const indent = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', list.start - 1) + 1))?.[0] ?? '';
  const lines = element.trimEnd().split('\n');
  const { last, end } = list;
  if (last === null) return `${text.slice(0, end)}\n${shifted(lines, indent)}\n${indent}${text.slice(end)}`;
  const comma = /^(?:\s|\/\/.*|\/\*[^]*?\*\/)*,/.exec(text.slice(last, end));
  const behind = last + (comma?.[0].length ?? 0);
  // What follows the last element on its line, a comment, stays there.
  const rest = /^[ \t]*(?:\/\/.*|\/\*(?:(?!\*\/).)*\*\/)?[ \t]*/.exec(text.slice(behind, end))?.[0].length ?? 0;
  const isOnLines = text.slice(list.start, last).includes('\n');
  const added = isOnLines
    ? `\n${shifted(lines, indent)}`
    : ` ${lines
        .map((line) => line.trim())
        .join(' ')
        .replace(/,$/, '')}`;
  const at = isOnLines ? behind + rest : behind;
  return `${text.slice(0, last)}${comma ? '' : ','}${text.slice(last, at)}${added}${text.slice(at)}`;
}

function shifted(lines: readonly string[], indent: string): string {
  return lines.map((line) => indent + line).join('\n');
}

/** A list of configs: where it begins, where its last element ends, and where it does itself. */
interface List {
  readonly start: number;
  readonly last: number | null;
  readonly end: number;
}

/** `[…]`, `defineConfig([…])`, `tseslint.config(…)`, or a constant that has one of these. */
function listOf(value: Expression | null, program: Program): List | null {
  switch (value?.type) {
    case 'ArrayExpression':
      return { start: value.start, last: value.elements.at(-1)?.end ?? null, end: value.end - 1 };
    case 'CallExpression': {
      const [first] = value.arguments;
      const name = value.callee.type === 'MemberExpression' ? value.callee.property : value.callee;
      if (name.type !== 'Identifier' || !/config$/i.test(name.name)) return null;
      if (first?.type === 'ArrayExpression' && value.arguments.length === 1) return listOf(first, program);
      return { start: value.callee.end, last: value.arguments.at(-1)?.end ?? null, end: value.end - 1 };
    }
    case 'Identifier':
      return listOf(constant(value.name, program), program);
    case 'TSSatisfiesExpression':
    case 'TSAsExpression':
    case 'ParenthesizedExpression':
      return listOf(value.expression, program);
    default:
      return null;
  }
}

/** What a config exports: `export default …`, or `module.exports = …`. */
function exported({ body }: Program): Expression | null {
  for (const statement of body) {
    if (statement.type === 'ExportDefaultDeclaration') return statement.declaration as Expression;
    if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression') continue;
    const { left, right } = statement.expression;
    if (left.type !== 'MemberExpression' || left.object.type !== 'Identifier') continue;
    if (left.object.name === 'module' && left.property.type === 'Identifier' && left.property.name === 'exports')
      return right;
  }
  return null;
}

function constant(name: string, { body }: Program): Expression | null {
  for (const statement of body) {
    if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') continue;
    for (const { id, init } of statement.declarations) if (id.type === 'Identifier' && id.name === name) return init;
  }
  return null;
}

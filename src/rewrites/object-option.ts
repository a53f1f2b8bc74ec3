import { insertion, type Edit } from './rewrite.ts';
import { keyName, type TSESTree } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';

/** Adds an option, in the object of options that is there already or in a new one; null where it has a value. */
export function addition(
  object: TSESTree.ObjectExpression,
  [name = '', ...further]: readonly string[],
  value: string,
  source: Source,
): Edit[] | null {
  if (object.properties.some((property) => property.type !== 'Property' || property.computed)) return null;
  const there = object.properties.find(
    (property) => property.type === 'Property' && keyName(property.key, false) === name,
  );
  if (!there) return append(object, nested([name, ...further], value), source);
  const inner = there.type === 'Property' ? there.value : null;
  return further.length > 0 && inner?.type === 'ObjectExpression' ? addition(inner, further, value, source) : null;
}

/** `a: { b: value }` */
function nested([name = '', ...further]: readonly string[], value: string): string {
  return further.length === 0 ? `${name}: ${value}` : `${name}: { ${nested(further, value)} }`;
}

/** A further property at the end, on a line of its own where the last one is, behind the comment of that line. */
function append(object: TSESTree.ObjectExpression, text: string, source: Source): Edit[] {
  const last = object.properties.at(-1);
  if (!last) return [{ range: object.range, text: `{ ${text} }` }];
  const next = source.code.getTokenAfter(last as never);
  const comma = next?.value === ',' ? next : null;
  const isOwnLine = source.text.slice(source.startOfLine(last), last.range[0]).trim() === '';
  if (!isOwnLine) return [insertion(comma?.range[1] ?? last.range[1], comma ? ` ${text}` : `, ${text}`)];
  const line = `${source.newline}${source.indentOf(last)}${text}`;
  if (comma) return [insertion(source.behind(comma), `${line},`)];
  return [insertion(last.range[1], ','), insertion(source.behind(last), line)];
}

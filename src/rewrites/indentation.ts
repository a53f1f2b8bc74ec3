import { insertion, type Edit } from './rewrite.ts';
import type { Source } from './source.ts';

/** One more step to the right for each line that begins in a range, but for those that begin within a text. */
export function shifted(source: Source, start: number, end: number): Edit[] {
  return [...linesOf(source, start, end)].map((at) => insertion(at, source.indentUnit));
}

/** One step to the left for each of them, as far as they are indented. */
export function unshifted(source: Source, start: number, end: number): Edit[] {
  const { indentUnit, text } = source;
  return [...linesOf(source, start, end)]
    .filter((at) => text.startsWith(indentUnit, at))
    .map((at) => ({ range: [at, at + indentUnit.length], text: '' }));
}

/** Where lines of code begin in a range; blank ones, and those within texts of several lines, stay as they are. */
function* linesOf({ text, multilineTexts }: Source, start: number, end: number): Iterable<number> {
  for (let at = start; at < end;) {
    const isText = multilineTexts.some((range) => at > range[0] && at < range[1]);
    const isLineStart = at === 0 || text[at - 1] === '\n';
    const isBlank = /^[ \t]*(?:\r?\n|$)/.test(text.slice(at, at + 400));
    if (isLineStart && !isText && !isBlank) yield at;
    const next = text.indexOf('\n', at);
    if (next < 0) return;
    at = next + 1;
  }
}

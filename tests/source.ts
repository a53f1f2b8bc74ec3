/** Source text as it stands in a test's template literal, without the line breaks around it and its indentation. */
export function dedent(text: string): string {
  const lines = text.split('\n');
  while (lines[0]?.trim() === '') lines.shift();
  while (lines.at(-1)?.trim() === '') lines.pop();
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents);
  return lines.map((line) => line.slice(indent)).join('\n');
}

/** A range of source text, with one-based lines and columns as ESLint gives them. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Takes the marks `«` and `»` out of source text; the places between them, in the order in which they begin. */
export function readMarks(marked: string): { readonly code: string; readonly places: readonly Place[] } {
  const places: Place[] = [];
  const open: number[] = [];
  let line = 1;
  let column = 1;
  let code = '';
  for (const char of marked) {
    if (char === '«') {
      open.push(places.length);
      places.push({ line, column, endLine: 0, endColumn: 0 });
    } else if (char === '»') {
      const index = open.pop();
      const place = index === undefined ? undefined : places[index];
      if (index === undefined || !place) throw new Error('a mark is closed that was not opened');
      places[index] = { ...place, endLine: line, endColumn: column };
    } else {
      code += char;
      column += char.length;
      if (char === '\n') {
        line += 1;
        column = 1;
      }
    }
  }
  if (open.length > 0) throw new Error('a mark is not closed');
  return { code, places };
}

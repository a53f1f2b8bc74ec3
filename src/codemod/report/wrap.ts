/** Lines of words, indented; those behind the first one by `hanging` more. A word that is too long has a line of its own. */
export function wrapped(text: string, width: number, indent: number, hanging = 0): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const margin = indent + (lines.length > 0 ? hanging : 0);
    if (line !== '' && margin + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each, index) => ' '.repeat(indent + (index > 0 ? hanging : 0)) + each);
}

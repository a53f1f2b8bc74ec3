/** Columns that the output stays within. */
const WIDTH = 100;

const coloured = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

export const bold = (text) => (coloured ? `\x1b[1m${text}\x1b[22m` : text);
export const dim = (text) => (coloured ? `\x1b[2m${text}\x1b[22m` : text);

export function heading(text) {
  console.log(`\n${bold(`== ${text} ==`)}\n`);
}

/** Prints text as a paragraph; white space in it counts as one space. */
export function say(text, indent = 0) {
  console.log(wrap(text, indent));
}

/** Breaks text between words so that each line, with its indentation, fits. */
function wrap(text, indent = 0) {
  const lines = [''];
  for (const word of text.trim().split(/\s+/)) {
    const line = lines.at(-1);
    if (line === '') lines[lines.length - 1] = word;
    else if (indent + line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => ' '.repeat(indent) + line).join('\n');
}

/** Prints rows with their columns below each other. */
export function table(rows, indent = 2) {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length))) ?? [];
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      typeof cell === 'number' ? String(cell).padStart(widths[column]) : String(cell).padEnd(widths[column]),
    );
    console.log((' '.repeat(indent) + cells.join('  ')).trimEnd());
  }
}

export function count(number, thing) {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

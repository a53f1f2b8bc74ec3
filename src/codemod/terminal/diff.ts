import { createTwoFilesPatch } from 'diff';
import { styleText } from 'node:util';

/** A unified diff as `git apply` takes it. */
export function unifiedDiff(path: string, before: string, after: string): string {
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 3 })
    .replace(/^=+\n/, '')
    .replace(/^((?:---|\+\+\+) [^\t\n]*)\t?$/gm, '$1');
}

/** The same with colours for a terminal. */
export function colouredDiff(diff: string): string {
  return diff.split('\n').map(coloured).join('\n');
}

function coloured(line: string): string {
  if (/^(?:---|\+\+\+)/.test(line)) return styleText('bold', line);
  if (line.startsWith('@@')) return styleText('cyan', line);
  if (line.startsWith('+')) return styleText('green', line);
  if (line.startsWith('-')) return styleText('red', line);
  return line;
}

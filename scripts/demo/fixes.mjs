import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { eslintFor } from './findings.mjs';
import { LEGACY, ROOT } from './paths.mjs';
import { bold, count, dim, say } from './terminal.mjs';

/**
 * Makes a folder the example application as `eslint --fix` leaves it, compiled; the folder has to be inside the repository,
 * whose node_modules it uses. Returns the changed files with their diffs, and what is left to decide.
 */
export async function fixedTasks(folder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(LEGACY, folder, { recursive: true, filter: (source) => source !== join(LEGACY, 'dist') });
  const eslint = await eslintFor(folder, true);
  const results = await eslint.lintFiles(['.']);
  for (const { filePath, output } of results) if (output !== undefined) writeFileSync(filePath, output);
  const nameOf = ({ filePath }) => relative(folder, filePath).split(sep).join('/');
  const changed = results
    .filter(({ output }) => output !== undefined)
    .map((result) => {
      const file = nameOf(result);
      const before = readFileSync(join(LEGACY, file), 'utf8');
      return { file, diff: createTwoFilesPatch(`a/${file}`, `b/${file}`, before, result.output ?? before) };
    });
  const left = results.flatMap((result) =>
    result.messages.map(({ line, ruleId, suggestions = [] }) => ({
      file: nameOf(result),
      line,
      rule: ruleId.replace('unbusy/', ''),
      suggestions: suggestions.map(({ desc }) => desc),
    })),
  );
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the fixed application does not compile.\n${stdout}`);
  return { changed, left };
}

/** Prints which files are changed, how one of them is, and what is left to decide. */
export function printFixes({ changed, left }, shown) {
  for (const { file, diff } of changed) {
    const lines = diff.split('\n');
    const added = lines.filter((line) => /^\+(?!\+\+)/.test(line)).length;
    const removed = lines.filter((line) => /^-(?!--)/.test(line)).length;
    console.log(`  ${file} ${dim(`+${added} -${removed}`)}`);
  }
  const example = changed.find(({ file }) => file === shown);
  if (example) console.log(`\n${example.diff.split('\n').slice(1).join('\n')}`);
  say(
    `It compiles, and ${count(left.length, 'finding')} ${left.length === 1 ? 'is' : 'are'} left for somebody to decide:`,
  );
  for (const { file, line, rule, suggestions } of left) {
    console.log(`\n  ${bold(`${file}:${line}`)} ${dim(rule)}`);
    if (suggestions.length === 0) say('There is no rewrite: what was meant is not in the code.', 6);
    for (const suggestion of suggestions) say(`Suggestion: ${suggestion}`, 6);
  }
}

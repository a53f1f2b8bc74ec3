import { relative, sep } from 'node:path';
import { bold, dim, say } from './terminal.mjs';

/** ESLint with the recommended rules for the application in a folder; `fix` as ESLint has it. */
export async function eslintFor(folder, fix = false) {
  const { ESLint } = await import('eslint');
  const parser = await import('@typescript-eslint/parser');
  const { default: unbusy } = await import('../../dist/src/index.js');
  return new ESLint({
    cwd: folder,
    fix,
    overrideConfigFile: true,
    overrideConfig: [
      { ignores: ['dist/'] },
      { files: ['**/*.ts'], languageOptions: { parser } },
      unbusy.configs.recommended,
    ],
  });
}

/** What the recommended rules report in the application in a folder, in the order of files and lines. */
export async function lint(folder) {
  const eslint = await eslintFor(folder);
  const results = await eslint.lintFiles(['.']);
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ line, column, ruleId, message, fatal }) => {
      const file = relative(folder, filePath).split(sep).join('/');
      if (fatal) throw new Error(`${file}:${line} does not parse: ${message}`);
      return { file, line, column, rule: ruleId.replace('unbusy/', ''), message };
    }),
  );
}

export function printFindings(findings) {
  let previous = null;
  for (const { file, line, column, rule, message } of findings) {
    if (file !== previous) console.log(`${previous === null ? '' : '\n'}${bold(file)}`);
    previous = file;
    console.log(`  ${file}:${line}:${column} ${dim(rule)}`);
    say(message, 6);
  }
}

/** How many findings each rule has, the most frequent first. */
export function byRule(findings) {
  const times = new Map();
  for (const { rule } of findings) times.set(rule, (times.get(rule) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a);
}

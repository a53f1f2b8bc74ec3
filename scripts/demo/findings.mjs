import { relative, sep } from 'node:path';
import { EXAMPLE } from './paths.mjs';
import { bold, dim, say } from './terminal.mjs';

/** What the recommended rules report in the example, in the order of files and lines. */
export async function lint() {
  const { ESLint } = await import('eslint');
  const parser = await import('@typescript-eslint/parser');
  const { default: unbusy } = await import('../../dist/src/index.js');
  const eslint = new ESLint({
    cwd: EXAMPLE,
    overrideConfigFile: true,
    overrideConfig: [
      { ignores: ['dist/'] },
      { files: ['**/*.ts'], languageOptions: { parser } },
      unbusy.configs.recommended,
    ],
  });
  const results = await eslint.lintFiles(['.']);
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ line, column, ruleId, message, fatal }) => {
      const file = relative(EXAMPLE, filePath).split(sep).join('/');
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

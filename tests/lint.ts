import { relative, sep } from 'node:path';
import * as parser from '@typescript-eslint/parser';
import { ESLint as ESLint10 } from 'eslint';
import plugin from '../src/index.ts';
import type { Linter } from 'eslint';
import type { UnbusySettings } from '../src/settings.ts';

export type Preset = keyof typeof plugin.configs;

/** One thing that a rule said. `file` is relative to the project, with slashes. */
export interface Report {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
}

interface LintOptions {
  /** Patterns of the files to lint, in their order; all sources where none are given. */
  readonly files?: readonly string[];
  readonly settings?: UnbusySettings;
  readonly ESLint?: typeof ESLint10;
}

const SOURCES = '**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}';

/** Lints files of a project as its users do: the folder is ESLint's working directory, a preset its whole config. */
export async function lintProject(
  folder: string,
  preset: Preset,
  { files = [SOURCES], settings = {}, ESLint = ESLint10 }: LintOptions = {},
): Promise<Report[]> {
  const config: Linter.Config[] = [
    { files: [SOURCES], languageOptions: { parser }, settings: { unbusy: settings } },
    plugin.configs[preset],
  ];
  const eslint = new ESLint({ cwd: folder, ignore: false, overrideConfigFile: true, overrideConfig: config });
  const results = [];
  // One after the other, in the order given: what one file leaves behind in the process must not matter to the next.
  for (const file of files) results.push(...(await eslint.lintFiles([file])));
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, line, message }) => {
      if (ruleId === null) throw new Error(`${filePath}:${line} ${message}`);
      return {
        file: relative(folder, filePath).split(sep).join('/'),
        line,
        rule: ruleId.replace('unbusy/', ''),
      };
    }),
  );
}

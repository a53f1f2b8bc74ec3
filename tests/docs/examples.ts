import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import parser from '@typescript-eslint/parser';
import { Linter } from 'eslint';
import plugin from '../../src/index.ts';
import type { Fence, Page } from './markdown.ts';
import type { UnbusySettings } from '../../src/settings.ts';

type Rules = NonNullable<Linter.Config['rules']>;

const LANGUAGES = ['js', 'ts'];

/** A line that a block says is reported, and a line that is. */
export interface Found {
  readonly marked: readonly number[];
  readonly reported: readonly number[];
  readonly messageIds: ReadonlySet<string>;
}

/** Blocks of a page that are code to lint. */
export function examplesOf({ fences }: Page): Fence[] {
  return fences.filter(({ language, text }) => LANGUAGES.includes(language) && !/^export default/m.test(text));
}

/**
 * Lints a block with the real ESLint. A line that is reported ends with `// error`, or has `// ^ error` below it. Blocks
 * with a file name are modules of one project with the others under the same heading.
 */
export function lintExample(page: Page, fence: Fence, rules: Rules, settings: UnbusySettings = {}): Found {
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-docs-'));
  try {
    for (const other of projectOf(page, fence)) write(join(folder, fileOf(other)), other.text);
    const filename = join(folder, fileOf(fence));
    const linter = new Linter({ configType: 'flat', cwd: folder });
    const messages = linter.verify(fence.text, configOf(fence, rules, settings), { filename });
    const failed = messages.find(({ ruleId }) => ruleId === null);
    if (failed) throw new Error(`line ${fence.line + failed.line}: ${failed.message}`);
    return {
      marked: markedLines(fence.text),
      reported: messages.map(({ line }) => line),
      messageIds: new Set(messages.map(({ messageId }) => messageId ?? '')),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function markedLines(text: string): number[] {
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*\/\/ \^ error$/.test(line)) return [index];
    return line.endsWith(' // error') ? [index + 1] : [];
  });
}

/** The blocks that are files of one project with a block; it alone where it has no name. */
function projectOf({ fences }: Page, fence: Fence): readonly Fence[] {
  if (fence.name === null) return [fence];
  return fences.filter(({ name, under }) => name !== null && under.join('\n') === fence.under.join('\n'));
}

function fileOf({ name, language }: Fence): string {
  return name ?? `example.${language}`;
}

function configOf({ language }: Fence, rules: Rules, settings: UnbusySettings): Linter.Config[] {
  return [
    {
      files: [`**/*.${language}`],
      plugins: { unbusy: plugin },
      settings: { unbusy: settings },
      ...(language === 'ts' && { languageOptions: { parser } }),
      rules,
    },
  ];
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

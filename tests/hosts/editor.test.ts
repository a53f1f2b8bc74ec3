// Drives the language servers that editors use over their protocol, in a project that has the packed plugin installed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import plugin from '../../src/index.ts';
import { TITLES } from '../../src/rewrites/titles.ts';
import { Host } from './host.ts';
import { Editor } from './language-server.ts';
import type { Diagnostic } from 'vscode-languageserver-protocol';

const INSTALL_TIMEOUT = 180_000;
const EDIT_TIMEOUT = 30_000;

const PROGRAM = `import Database from 'better-sqlite3';

const db = new Database('jobs.db');
db.pragma('journal_mode = WAL');

export function count(file: string): unknown {
  const other = new Database(file);
  other.pragma('journal_mode = WAL');
  return other.prepare('SELECT count(*) FROM jobs').pluck().get();
}

export function take(): unknown {
  db.exec('BEGIN');
  const job = db.prepare('SELECT * FROM jobs').get();
  db.exec('DELETE FROM jobs');
  db.exec('COMMIT');
  return job;
}

export async function store(url: string): Promise<void> {
  db.exec('BEGIN IMMEDIATE');
  try {
    const answer = await fetch(url);
    db.prepare('INSERT INTO pages VALUES (?)').run(answer.status);
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}
`;

const SERVERS = [
  {
    name: 'the ESLint server of Visual Studio Code',
    command: ['node_modules/vscode-langservers-extracted/bin/vscode-eslint-language-server', '--stdio'],
    configuration: undefined,
    linksPages: true,
    fixesAll: 'source.fixAll',
    ruleOf: ({ code }: Diagnostic) => String(code).replace('unbusy/', ''),
  },
  {
    name: 'the server of oxlint',
    command: ['node_modules/oxlint/bin/oxlint', '--lsp'],
    configuration: { configPath: '.oxlintrc.json', run: 'onType' },
    // It has links for its own rules alone.
    linksPages: false,
    fixesAll: 'source.fixAll.oxc',
    ruleOf: ({ code }: Diagnostic) => /\((.*)\)/.exec(String(code))?.[1] ?? String(code),
  },
];

const host = new Host();
const temporary = mkdtempSync(join(tmpdir(), 'unbusy-packed-'));

beforeAll(async () => {
  const script = fileURLToPath(new URL('../../scripts/pack.mjs', import.meta.url));
  const tarball = execFileSync(process.execPath, [script, temporary], { encoding: 'utf8' }).trim();
  await host.install(tarball, {
    eslint: '10.15.0',
    'typescript-eslint': '8.73.0',
    typescript: '6.0.3',
    oxlint: '1.94.0',
    'vscode-langservers-extracted': '4.10.0',
  });
  host.write(
    'eslint.config.mjs',
    `import { parser } from 'typescript-eslint';
import unbusy from 'eslint-plugin-unbusy';

export default [{ files: ['**/*.ts'], languageOptions: { parser } }, unbusy.configs.recommended];
`,
  );
  const rules = plugin.configs.recommended.rules;
  host.write(
    '.oxlintrc.json',
    JSON.stringify({ jsPlugins: ['eslint-plugin-unbusy'], categories: { correctness: 'off' }, rules }),
  );
  host.write('jobs.ts', PROGRAM);
}, INSTALL_TIMEOUT);

afterAll(() => {
  host.remove();
  rmSync(temporary, { recursive: true, force: true });
});

describe.each(SERVERS)('an editor with $name', ({ command, configuration, linksPages, fixesAll, ruleOf }) => {
  let editor: Editor;

  beforeEach(async () => {
    const [script = '', ...parameters] = command;
    editor = new Editor(host.folder, [join(host.folder, script), ...parameters], configuration);
    await editor.open(pathToFileURL(join(host.folder, 'jobs.ts')).href, PROGRAM);
  }, EDIT_TIMEOUT);

  afterEach(() => editor.close());

  const at = async (rule: string): Promise<Diagnostic> => {
    const found = (await editor.squiggles()).find((diagnostic) => ruleOf(diagnostic) === rule);
    if (!found) throw new Error(`${rule} reports nothing`);
    return found;
  };

  test(
    'shows a squiggle below the call, with a link to the page of the rule where the server has such',
    { timeout: EDIT_TIMEOUT },
    async () => {
      const { range, codeDescription } = await at('require-close');
      expect(range).toEqual({ start: { line: 6, character: 16 }, end: { line: 6, character: 34 } });
      const page = /docs\/rules\/require-close\.md$/;
      if (linksPages) expect(codeDescription?.href).toMatch(page);
      else expect(codeDescription).toBeUndefined();
    },
  );

  test('has one squiggle for each thing that is wrong', { timeout: EDIT_TIMEOUT }, async () => {
    const rules = (await editor.squiggles()).map(ruleOf).sort();
    expect(rules).toEqual([
      'no-await-in-transaction',
      'prefer-immediate-transaction',
      'require-close',
      'require-rollback',
    ]);
  });

  test('fixes it, after which the squiggle is gone', { timeout: EDIT_TIMEOUT }, async () => {
    const offers = await editor.offers(await at('require-close'));
    const fix = [...offers].find(
      ([title]) => /^Fix this .*(?:problem|issue)|require-close/i.test(title) && !/disable|documentation/i.test(title),
    );
    expect(fix, [...offers.keys()].join('\n')).toBeDefined();
    if (fix) await editor.accept(fix[1]);
    expect(editor.text).toContain('  } finally {\n    other.close();\n  }');
    expect((await editor.squiggles()).map(ruleOf)).not.toContain('require-close');
  });

  test('offers what needs a decision, in words that say what changes', { timeout: EDIT_TIMEOUT }, async () => {
    const offers = await editor.offers(await at('no-await-in-transaction'));
    const title = TITLES.waitBefore.replace('{{begin}}', 'the transaction begins');
    const offer = [...offers].find(([name]) => name.includes(title))?.[1];
    expect(offer, [...offers.keys()].join('\n')).toBeDefined();
    if (offer) await editor.accept(offer);
    expect(editor.text).toContain("  const answer = await fetch(url);\n  db.exec('BEGIN IMMEDIATE');");
    expect((await editor.squiggles()).map(ruleOf)).not.toContain('no-await-in-transaction');
  });

  test('fixes all on save, and leaves what needs a decision', { timeout: EDIT_TIMEOUT }, async () => {
    await editor.save(fixesAll);
    expect((await editor.squiggles()).map(ruleOf)).toEqual(['no-await-in-transaction']);
    expect(editor.text).toContain("db.exec('BEGIN IMMEDIATE');\n  try {\n    const job");
  });
});

import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { dedent } from '../source.ts';
import { codemod, project } from './command.ts';

const LEAK = `
  import { DatabaseSync } from 'node:sqlite';

  export function names(file) {
    const db = new DatabaseSync(file);
    const rows = db.prepare('SELECT name FROM users').all();
    db.close();
    return rows;
  }`;

const CLOSED = `
  import { DatabaseSync } from 'node:sqlite';

  export function names(file) {
    const db = new DatabaseSync(file);
    try {
      const rows = db.prepare('SELECT name FROM users').all();
      return rows;
    } finally {
      db.close();
    }
  }`;

const CLOSE_ONLY = ['--rule', 'require-close'];

const WAITING = `
  import Database from 'better-sqlite3';

  export async function save(db = new Database('app.db'), url = '') {
    db.exec('BEGIN IMMEDIATE');
    const answer = await fetch(url);
    db.prepare('INSERT INTO pages VALUES (?)').run(answer.status);
    db.exec('COMMIT');
  }`;

describe('without --write', () => {
  test('shows a unified diff that git can apply, and changes nothing', async () => {
    const folder = project({ 'src/names.js': LEAK });
    const { code, output } = await codemod(folder.path, [...CLOSE_ONLY]);

    expect(code).toBe(0);
    expect(folder.text('src/names.js')).toBe(dedent(LEAK));
    const diff = output.slice(0, output.indexOf('1 hazard would be removed'));
    execFileSync('git', ['apply', '-'], { cwd: folder.path, input: `${diff.trimEnd()}\n` });
    expect(folder.text('src/names.js')).toBe(dedent(CLOSED));
  });

  test('says what would change and how to have it changed', async () => {
    const folder = project({ 'src/names.js': LEAK, 'src/other.js': 'export const answer = 42;' });
    const { output } = await codemod(folder.path, [...CLOSE_ONLY]);

    expect(output).toContain('1 hazard would be removed\n  1 x Close it in a `finally` block.');
    expect(output).toContain('2 files looked at, 1 file would change. Run it with --write to change them.');
  });

  test('says that there is nothing to do', async () => {
    const folder = project({ 'src/other.js': 'export const answer = 42;' });
    expect(await codemod(folder.path, [])).toEqual({
      code: 0,
      output: '1 file looked at, no hazard found.\n',
      errors: '',
    });
  });
});

describe('with --write', () => {
  test('changes the files, and a second run has nothing to do', async () => {
    const folder = project({ 'src/names.js': LEAK });
    const args = [...CLOSE_ONLY, '--write', '--allow-dirty'];

    expect((await codemod(folder.path, args)).output).toContain('1 hazard removed');
    expect(folder.text('src/names.js')).toBe(dedent(CLOSED));
    expect((await codemod(folder.path, args)).output).toBe('1 file looked at, no hazard found.\n');
  });

  test('refuses where git could not bring the file back', async () => {
    const folder = project({ 'src/names.js': LEAK });
    const { code, errors } = await codemod(folder.path, [...CLOSE_ONLY, '--write']);

    expect(code).toBe(3);
    expect(errors).toContain('is not in a git repository');
    expect(errors).toContain('--allow-dirty');
    expect(folder.text('src/names.js')).toBe(dedent(LEAK));
  });

  test("puts all back when the project's own check fails", async () => {
    const folder = project({ 'src/names.js': LEAK });
    const args = [...CLOSE_ONLY, '--write', '--allow-dirty', '--verify', 'node --check src/names.js && exit 7'];
    const { code, errors } = await codemod(folder.path, args);

    expect(code).toBe(4);
    expect(errors).toContain('ended with exit code 7. All files are as they were.');
    expect(folder.text('src/names.js')).toBe(dedent(LEAK));
  });

  test('shows the new text to the check', async () => {
    const folder = project({ 'src/names.js': LEAK });
    const args = [...CLOSE_ONLY, '--write', '--allow-dirty', '--verify', 'grep -q finally src/names.js'];

    expect((await codemod(folder.path, args)).code).toBe(0);
    expect(folder.text('src/names.js')).toBe(dedent(CLOSED));
  });

  test('keeps line ends, the byte order mark and comments', async () => {
    const text = `\uFEFF${dedent(LEAK).replace('const rows', '// all of them\n  const rows').replaceAll('\n', '\r\n')}`;
    const folder = project({});
    folder.write('src/names.js', '');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(folder.file('src/names.js'), text);
    await codemod(folder.path, [...CLOSE_ONLY, '--write', '--allow-dirty']);

    const after = folder.text('src/names.js');
    expect(after.startsWith('\uFEFFimport')).toBe(true);
    expect(after).toContain('finally');
    expect(after).toContain('// all of them\r\n');
    expect(after.replaceAll('\r\n', '')).not.toContain('\n');
  });
});

describe('what needs a decision', () => {
  test('is left, with what is possible', async () => {
    const folder = project({ 'src/save.js': WAITING });
    const { output } = await codemod(folder.path, ['--rule', 'no-await-in-transaction']);

    expect(output).toContain('src/save.js:5:18 no-await-in-transaction');
    expect(output).toContain('(needs-decision)\n    Possible: ');
    expect(output).toContain('0 files would change.');
  });

  test('is decided by --suggestions', async () => {
    const folder = project({ 'src/save.js': WAITING });
    const { output } = await codemod(folder.path, ['--rule', 'no-await-in-transaction', '--suggestions']);

    expect(output).toContain('1 hazard would be removed');
    expect(output).not.toContain('left alone');
  });

  test('gets one comment, once, and loses it when it is decided', async () => {
    const folder = project({ 'src/save.js': WAITING });
    const todo = ['--rule', 'no-await-in-transaction', '--write', '--allow-dirty', '--todo'];
    await codemod(folder.path, todo);
    const marked = folder.text('src/save.js');
    expect(marked.match(/\n {2}\/\/ TODO\(unbusy\) no-await-in-transaction: .*\n {2}const answer/g)).toHaveLength(1);

    await codemod(folder.path, todo);
    expect(folder.text('src/save.js')).toBe(marked);

    await codemod(folder.path, [...todo, '--suggestions']);
    expect(folder.text('src/save.js')).not.toContain('TODO');
  });
});

describe('--interactive', () => {
  const files = { 'a.js': LEAK, 'b.js': LEAK };
  const args = [...CLOSE_ONLY, '--interactive', '--write', '--allow-dirty'];

  test('makes what is said yes to, and no more', async () => {
    const folder = project(files);
    const { output } = await codemod(folder.path, args, 'n\ny\n');

    expect(folder.text('a.js')).toBe(dedent(LEAK));
    expect(folder.text('b.js')).toBe(dedent(CLOSED));
    expect(output).toContain('Somebody has said no to it. (declined)');
  });

  test('asks no more after all or quit', async () => {
    const all = project(files);
    await codemod(all.path, args, 'a\n');
    expect([all.text('a.js'), all.text('b.js')]).toEqual([dedent(CLOSED), dedent(CLOSED)]);

    const none = project(files);
    await codemod(none.path, args, 'q\n');
    expect([none.text('a.js'), none.text('b.js')]).toEqual([dedent(LEAK), dedent(LEAK)]);
  });

  test('says why', async () => {
    const folder = project({ 'a.js': LEAK });
    const { output } = await codemod(folder.path, args, 'w\nn\n');
    expect(output).toContain('This connection stays open when the call at line 5 fails');
  });

  test('says no where nobody answers', async () => {
    const folder = project({ 'a.js': LEAK });
    expect((await codemod(folder.path, args)).code).toBe(0);
    expect(folder.text('a.js')).toBe(dedent(LEAK));
  });
});

describe('types', () => {
  const typed = {
    'tsconfig.json': '{ "compilerOptions": { "strict": true, "module": "nodenext", "types": [] }, "include": ["src"] }',
    'src/driver.d.ts': `
      declare module 'better-sqlite3' {
        interface Database { readonly own: true; close(): void; exec(sql: string): void }
        const Database: { new (file: string): Database };
        export default Database;
      }
      declare module 'unbusy/better-sqlite3' {
        export function openDatabase(file: string): { close(): void; exec(sql: string): void };
      }`,
    'src/main.ts': `
      import Database from 'better-sqlite3';
      import type { Database as Connection } from 'better-sqlite3';

      export const db: { readonly own: true } = new Database('app.db');`,
    'node_modules/unbusy/package.json': '{ "name": "unbusy" }',
  };

  test('an edit that adds an error is dropped, with its reason', async () => {
    const folder = project(typed);
    const { output } = await codemod(folder.path, ['--rule', 'require-pragmas']);
    expect(output).toContain('The rewritten code has a type error that was not there before. (type-error)');
    expect(output).not.toContain('openDatabase');
  });

  test('are not asked with --no-types', async () => {
    const folder = project(typed);
    const { output } = await codemod(folder.path, ['--rule', 'require-pragmas', '--no-types']);
    expect(output).toContain("+export const db: { readonly own: true } = openDatabase('app.db');");
  });
});

describe('wrong use', () => {
  test.each([
    [['nowhere'], 'There is no file or folder nowhere'],
    [['src/**/*.none'], 'Nothing matches src/**/*.none'],
    [['package.json'], 'is not a file of JavaScript or TypeScript'],
    [['--exclude', '**'], 'and what --exclude, .gitignore (see --no-gitignore) say'],
    [['--rule', 'require-clsoe'], 'There is: no-async-transaction'],
    [['--driver', 'mysql'], 'There is: better-sqlite3'],
    [['--shard', '5/4'], 'It is the number of this part and of all parts: 2/4.'],
    [['--report', 'report.pdf'], 'The format is told by the extension'],
    [['--wirte'], "unknown option '--wirte'\n(Did you mean --write?)"],
    [['--config', 'none.config.js'], 'Mend it, name another one with --config FILE, or pass --no-config'],
    [['--safe-only', '--suggestions'], "cannot be used with option '--suggestions'"],
  ])('%j is refused with what to do', async (args, message) => {
    const folder = project({ 'src/names.js': LEAK });
    const { code, errors, output } = await codemod(folder.path, args);
    expect(errors).toContain(message);
    expect([code, output]).toEqual([2, '']);
  });
});

test('the rules and settings are those of the ESLint config', async () => {
  const folder = project({
    'src/names.js': LEAK,
    'eslint.config.js': `
      import unbusy from 'eslint-plugin-unbusy';
      export default [{ plugins: { locks: unbusy }, rules: { 'locks/require-close': 'off', 'locks/require-pragmas': 'error' } }];`,
    'node_modules/eslint-plugin-unbusy/package.json': `{ "name": "eslint-plugin-unbusy", "type": "module", "main": "main.js" }`,
    'node_modules/eslint-plugin-unbusy/main.js': `
      export default { meta: { name: 'eslint-plugin-unbusy' }, rules: { 'require-close': { create: () => ({}) }, 'require-pragmas': { create: () => ({}) } } };`,
  });
  const { output } = await codemod(folder.path, ['src']);
  expect(output).toContain("+  db.exec('PRAGMA journal_mode = WAL');");
  expect(output).not.toContain('finally');
});

test('a config that cannot be loaded can be left out', async () => {
  const folder = project({ 'a.js': LEAK, 'eslint.config.js': "import 'not-installed'; export default [];" });
  expect((await codemod(folder.path, ['a.js'])).errors).toContain("Cannot find package 'not-installed'");
  expect((await codemod(folder.path, ['a.js', ...CLOSE_ONLY, '--no-config'])).output).toContain('1 hazard would');
});

test('a place with an eslint-disable comment is left alone', async () => {
  const folder = project({
    'a.js': dedent(LEAK).replace('const db', '// eslint-disable-next-line unbusy/require-close\n  const db'),
  });
  expect((await codemod(folder.path, [...CLOSE_ONLY])).output).toBe('1 file looked at, no hazard found.\n');
});

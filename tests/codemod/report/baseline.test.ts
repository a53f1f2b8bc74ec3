import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { baselineOf, compareWithBaseline, parseBaseline } from '../../../src/codemod/report/baseline.ts';
import { codemod, project } from '../command.ts';
import { legacyTasks, runIn } from './real-runs.ts';
import { file, LEFT, run, site } from './runs.ts';
import type { ProjectFolder } from '../../project-folder.ts';
import type { Run } from '../../../src/codemod/model.ts';

/** A function that leaks a connection; those of one file differ in nothing else. */
const leaking = (name: string): string =>
  `export function ${name}() {\n  const db = new Database('app.db');\n  db.exec('DELETE FROM users');\n  db.close();\n}\n`;
const closing = (name: string): string =>
  leaking(name).replace("  const db = new Database('app.db');", '  const db = db0;');

const IMPORT =
  "import Database from 'better-sqlite3';\nconst db0 = new Database('other.db');\ndb0.pragma('journal_mode = WAL');\n";

async function leaksIn(folder: ProjectFolder, text: string): Promise<Run> {
  writeFileSync(folder.file('a.js'), text);
  return runIn(folder, { rule: ['require-close'] });
}

const namesOf = (items: readonly { readonly site: { readonly within?: string } }[]): (string | undefined)[] =>
  items.map(({ site }) => site.within);

describe('the same hazards', () => {
  test('are known after lines were added above them and between them', async () => {
    const folder = project({ 'a.js': '' });
    const before = await leaksIn(folder, IMPORT + leaking('one') + leaking('two'));
    const after = await leaksIn(folder, `// more\n\n${IMPORT}\n${leaking('one')}\n// and more\n${leaking('two')}`);
    expect(baselineOf(after)).toBe(baselineOf(before));
    expect(baselineOf(before).match(/require-close/g)).toHaveLength(2);
  });

  test('are known in any order', async () => {
    const folder = project({ 'a.js': '' });
    const before = await leaksIn(folder, IMPORT + leaking('one') + leaking('two'));
    const after = await leaksIn(folder, IMPORT + leaking('two') + leaking('one'));
    expect(baselineOf(after)).toBe(baselineOf(before));
  });

  test('are known after the codemod has written the others', async () => {
    const folder = legacyTasks();
    const written = await runIn(folder, { write: true });
    const baseline = baselineOf(written);
    expect(parseBaseline(baseline, 'b.json')).toHaveLength(6);
    expect(baselineOf(await runIn(folder))).toBe(baseline);
  });
});

describe('a swap of one hazard for another', () => {
  test('is seen, where nothing but the function differs', async () => {
    const folder = project({ 'a.js': '' });
    const before = await leaksIn(folder, IMPORT + leaking('one') + closing('two'));
    const after = await leaksIn(folder, IMPORT + closing('one') + leaking('two'));
    const { added, gone, unchanged } = compareWithBaseline(after, parseBaseline(baselineOf(before), 'b.json'));
    expect(namesOf(added)).toEqual(['two']);
    expect(gone.map(({ path, rule, within }) => [path, rule, within])).toEqual([['a.js', 'require-close', 'one']]);
    expect(unchanged).toBe(0);
  });

  test('is seen in functions without a name', async () => {
    const folder = project({ 'a.js': '' });
    const route = (path: string, body: string): string => `app.get('${path}', () => {\n${body}});\n`;
    const [bad, good] = [leaking('x'), closing('x')].map((text) => text.split('\n').slice(1, -2).join('\n') + '\n');
    const before = await leaksIn(folder, IMPORT + route('/a', bad ?? '') + route('/b', good ?? ''));
    const after = await leaksIn(folder, IMPORT + route('/a', good ?? '') + route('/b', bad ?? ''));
    const { added, gone } = compareWithBaseline(after, parseBaseline(baselineOf(before), 'b.json'));
    expect([namesOf(added), gone.map(({ within }) => within)]).toEqual([["app.get('/b')"], ["app.get('/a')"]]);
  });

  test('is seen within one function by its number', async () => {
    const folder = project({ 'a.js': '' });
    const twice = (times: number): string =>
      IMPORT + `export function all() {\n${`  new Database('app.db').exec('DELETE FROM users');\n`.repeat(times)}}\n`;
    const baseline = parseBaseline(baselineOf(await leaksIn(folder, twice(1))), 'b.json');
    const { added, unchanged } = compareWithBaseline(await leaksIn(folder, twice(2)), baseline);
    expect([added.length, unchanged]).toEqual([1, 1]);
  });
});

describe('entries', () => {
  const hazard = site({ outcome: LEFT, fingerprint: 'aa' });
  const baseline = parseBaseline(baselineOf(run([file('a.ts', [hazard])])), 'b.json');

  test('are gone when their file was looked at, or is not there any more', () => {
    const looked = run([], { paths: ['a.ts'] });
    expect(compareWithBaseline(looked, baseline).gone).toHaveLength(1);
    expect(compareWithBaseline(run([]), baseline, () => false).gone).toHaveLength(1);
  });

  test('of files that were not looked at are neither gone nor forgotten', () => {
    const other = run([file('b.ts', [site({ fingerprint: 'bb' })])]);
    const { gone, unseen } = compareWithBaseline(other, baseline);
    expect([gone, unseen]).toEqual([[], baseline]);
    expect(parseBaseline(baselineOf(other, unseen), 'b.json').map(({ path }) => path)).toEqual(['a.ts', 'b.ts']);
  });

  test('do not count what was rewritten in the files', () => {
    const rewritten = run([file('a.ts', [site({ fingerprint: 'cc' })])], { written: true });
    expect(compareWithBaseline(rewritten, []).added).toEqual([]);
    expect(compareWithBaseline({ ...rewritten, written: false }, []).added).toHaveLength(1);
  });

  test.each([
    ['', 'b.json is not a baseline: '],
    ['[]', 'it is not an object'],
    ['{ "version": 2, "hazards": [] }', 'it has version 2 of the format'],
    ['{ "version": 1, "hazards": [{ "path": "a" }] }', 'hazards[0].rule is missing'],
    ['<<<<<<< HEAD', 'Mend it, or delete it and write it anew with --update-baseline.'],
  ])('%j are refused', (text, message) => {
    expect(() => parseBaseline(text, 'b.json')).toThrow(message);
  });
});

describe('the file', () => {
  test('that cannot be read is not overwritten: it may know of files that the run has not looked at', async () => {
    const conflict = '<<<<<<< HEAD\n{ "version": 1, "hazards": [';
    const folder = project({ 'a.js': leaking('x'), 'b.json': conflict });
    const { code, errors } = await codemod(folder.path, [
      'report',
      'a.js',
      '--baseline',
      'b.json',
      '--update-baseline',
    ]);
    expect(code).toBe(2);
    expect(errors).toContain('b.json is not a baseline: ');
    expect(folder.text('b.json')).toBe(conflict);
  });

  const entries = (...names: readonly string[]): string =>
    baselineOf(run(names.map((name) => file(name, [site({ fingerprint: name, outcome: LEFT })]))));

  test('has a line for each hazard, in an order that does not depend on the run', () => {
    expect(entries('b.ts', 'a.ts').split('\n')).toHaveLength(5);
    expect(entries('b.ts', 'a.ts')).toBe(entries('a.ts', 'b.ts'));
  });

  /** What git makes of two branches that both change the file. */
  function merged(base: string, ours: string, theirs: string, attributes = ''): string {
    const folder = project({ '.gitattributes': attributes });
    const git = (...args: readonly string[]): void => {
      execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
        cwd: folder.path,
        stdio: 'pipe',
      });
    };
    const commit = (text: string): void => {
      writeFileSync(join(folder.path, 'baseline.json'), text);
      git('add', '.');
      git('commit', '-m', 'baseline');
    };
    git('init', '-b', 'ours');
    commit(base);
    git('checkout', '-b', 'theirs');
    commit(theirs);
    git('checkout', 'ours');
    commit(ours);
    git('merge', 'theirs');
    return folder.text('baseline.json');
  }

  test('merges when branches add hazards, the first and the last one as well', () => {
    const base = entries('c.ts', 'm.ts', 'n.ts', 'o.ts', 'p.ts');
    const ours = entries('a.ts', 'c.ts', 'm.ts', 'n.ts', 'o.ts', 'p.ts');
    const theirs = entries('c.ts', 'm.ts', 'n.ts', 'o.ts', 'p.ts', 'z.ts');
    expect(merged(base, ours, theirs)).toBe(entries('a.ts', 'c.ts', 'm.ts', 'n.ts', 'o.ts', 'p.ts', 'z.ts'));
  });

  test('merges by union when they add them at the same line', () => {
    const text = merged(entries('a.ts'), entries('a.ts', 'b.ts'), entries('a.ts', 'c.ts'), 'baseline.json merge=union');
    expect(parseBaseline(text, 'b.json').map(({ path }) => path)).toEqual(['a.ts', 'b.ts', 'c.ts']);
  });
});

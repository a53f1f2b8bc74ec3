import { describe, expect, test } from 'vitest';
import { MOST_STEPS, stepsAfter } from '../../../src/analysis/solver/limits.ts';
import { dedent } from '../../source.ts';
import { factsOf } from '../program.ts';

/** Calls of calls, each several times on ways of their own, so that there are more ways than are followed. */
const HOG = (index: number): string => `
  function leaf${index}(db, a) { if (a.x) db.exec(a.y); else if (a.z) db.prepare(a.y).run(); return a.next; }
  ${['leaf', 'twig', 'branch', 'stem', 'trunk', 'root']
    .flatMap((name, at, names) => (at === 0 ? [] : [[names[at - 1] ?? '', name] as const]))
    .map(
      ([inner, name]) =>
        `function ${name}${index}(db, a) { for (const b of a.all) { if (b.x) { a = ${inner}${index}(db, b); } else { a = ${inner}${index}(db, a); } } return ${inner}${index}(db, a) ?? ${inner}${index}(db, a.other); }`,
    )
    .join('\n  ')}
  export function hog${index}(file, a) { const db = new Database(file); try { root${index}(db, a); } finally { db.close(); } }`;

/** A leak that is seen where calls are followed to a depth of eight. */
const DEEP = `
  ${Array.from({ length: 7 }, (_, at) => `function open${at}(file) { return open${at + 1}(file); }`).join('\n  ')}
  function open7(file) { return new Database(file); }
  export function count(file) { const db = open0(file); return db.prepare('SELECT count(*) FROM t').get(); }`;

describe('functions that take too many steps', () => {
  test('leave less to the next ones of their module, and never too little for what is plain', () => {
    expect([0, 1, 2].map(stepsAfter)).toEqual([MOST_STEPS, MOST_STEPS / 2, MOST_STEPS / 4]);
    expect(stepsAfter(1000)).toBe(MOST_STEPS / 8);
  });

  test('leave nothing behind for their next attempt, nor keep the others from being followed', () => {
    const hogs = Array.from({ length: 6 }, (_, index) => HOG(index)).join('\n');
    const leaks = factsOf(dedent(`import Database from 'better-sqlite3';\n${hogs}\n${DEEP}`))?.leaks ?? [];
    expect(leaks.map(({ site }) => site.node.type)).toEqual(['CallExpression']);
  });
});

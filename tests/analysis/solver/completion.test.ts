import { describe, expect, test } from 'vitest';
import { leaksOf, synchronous } from '../program.ts';

function leaks(body: string): string[] {
  return leaksOf(synchronous(body));
}

describe('ways out of a function', () => {
  test.each([
    ['the end', `const db = new Database('a.db'); if (flag) db.close();`, ['3: normal 4']],
    ['the end, closed on both ways', `const db = new Database('a.db'); if (flag) db.close(); else db.close();`, []],
    ['a return', `const db = new Database('a.db'); if (flag) return 1; db.close();`, ['3: normal 3']],
    ['a return, closed before', `const db = new Database('a.db'); if (flag) { db.close(); return 1; } db.close();`, []],
    ['a throw', `const db = new Database('a.db'); if (flag) throw new Error('no'); db.close();`, ['3: explicit 3']],
    ['a throw, closed before', `const db = new Database('a.db'); if (flag) { db.close(); throw 1; } db.close();`, []],
    ['a call that fails', `const db = new Database('a.db'); db.exec('DELETE FROM t'); db.close();`, ['3: implicit 3']],
    ['no call at all', `const db = new Database('a.db'); db.close();`, []],
    ['the end of the process', `const db = new Database('a.db'); if (flag) process.exit(1); db.close();`, []],
    ['an endless loop', `const db = new Database('a.db'); for (;;) console.log(flag);`, []],
    ['code that is never reached', `const db = new Database('a.db'); db.close(); return 1; new Database('b.db');`, []],
  ])('%s', (_, body, expected) => {
    expect(leaks(body)).toEqual(expected);
  });
});

describe('try and catch', () => {
  test('a failing call is caught, and the way goes on', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      try {
        db.exec('DELETE FROM t');
      } catch {
        console.error('failed');
      }
      db.close();
    `),
    ).toEqual([]);
  });

  test('each call of the try may be the one that fails', () => {
    expect(
      leaks(`
      let db;
      try {
        console.log('before');
        db = new Database('a.db');
        db.exec('DELETE FROM t');
        db.close();
        JSON.parse('{}');
      } catch (problem) {
        if (db?.open) db.close();
      }
    `),
    ).toEqual([]);
  });

  test('what failed before the open leaves nothing open', () => {
    expect(
      leaks(`
      let db;
      try {
        JSON.parse('{}');
        db = new Database('a.db');
      } catch {
        return 0;
      }
      db.close();
    `),
    ).toEqual([]);
  });

  test('the catch throws on without a close', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      try {
        db.exec('DELETE FROM t');
      } catch (problem) {
        throw new Error('failed', { cause: problem });
      }
      db.close();
    `),
    ).toEqual(['3: explicit 7']);
  });

  test('the catch closes and throws on', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      try {
        db.exec('DELETE FROM t');
      } catch (problem) {
        db.close();
        throw problem;
      }
      db.close();
    `),
    ).toEqual([]);
  });

  test('a call in the catch fails', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      try {
        db.exec('DELETE FROM t');
      } catch (problem) {
        JSON.parse('{}');
      }
      db.close();
    `),
    ).toEqual(['3: implicit 7']);
  });

  test('an inner catch takes what the outer one would', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      try {
        try {
          db.exec('DELETE FROM t');
        } catch {}
        db.close();
      } catch {
        return 0;
      }
    `),
    ).toEqual([]);
  });
});

describe('finally', () => {
  test.each([
    ['the end of the try', 'db.exec(items[0]);'],
    ['a return', 'if (flag) return db.exec(items[0]);'],
    ['a throw', `if (flag) throw new Error('no');`],
    ['a return out of a loop', 'for (const item of items) if (item) return db.exec(item);'],
    ['an inner finally', 'try { db.exec(items[0]); } finally { console.log(1); }'],
  ])('closes after %s', (_, inner) => {
    const program = (close: string): string => `
      const db = new Database('a.db');
      try {
        ${inner}
      } finally {
        ${close}
      }
    `;
    expect(leaks(program('db.close();'))).toEqual([]);
    expect(leaks(program('console.log(db);'))).not.toEqual([]);
  });

  test('runs before a return goes on, and sees what the try did', () => {
    expect(
      leaks(`
      let db;
      try {
        db = new Database('a.db');
        return 1;
      } finally {
        db?.close();
      }
    `),
    ).toEqual([]);
  });

  test('runs once for each way: a way that closed is not closed again', () => {
    expect(
      leaks(`
      let db = new Database('a.db');
      try {
        if (flag) {
          db.close();
          db = null;
          return 1;
        }
        db.exec('DELETE FROM t');
      } finally {
        if (db !== null) db.close();
      }
    `),
    ).toEqual([]);
  });

  test('a return in it takes the place of a throw', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      try {
        db.exec('DELETE FROM t');
      } finally {
        return 1;
      }
    `),
    ).toEqual(['3: normal 7']);
  });

  test('a call in it fails before the close', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      try {
        db.exec('DELETE FROM t');
      } finally {
        JSON.parse('{}');
        db.close();
      }
    `),
    ).toEqual(['3: implicit 7']);
  });

  test('its own catch keeps the close', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      try {
        db.exec('DELETE FROM t');
      } finally {
        try { JSON.parse('{}'); } catch {}
        db.close();
      }
    `),
    ).toEqual([]);
  });

  test('nested ones run from the inside out', () => {
    const nested = (inner: string, outer: string): string => `
      const first = new Database('a.db');
      try {
        const second = new Database('b.db');
        try {
          if (flag) return first.exec('DELETE FROM t');
          second.exec('DELETE FROM t');
        } finally {
          ${inner}
        }
      } finally {
        ${outer}
      }
    `;
    expect(leaks(nested('second.close();', 'first.close();'))).toEqual([]);
    expect(leaks(nested('second.close();', ''))).toEqual(['3: implicit 5, normal 7']);
    expect(leaks(nested('', 'first.close();'))).toEqual(['5: implicit 7, normal 4']);
  });

  test('a close in an inner one may fail, and the outer one runs still', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      try {
        try {
          db.exec('DELETE FROM t');
        } finally {
          JSON.parse('{}');
        }
      } finally {
        db.close();
      }
    `),
    ).toEqual([]);
  });
});

describe('break and continue', () => {
  const loop = (body: string, after = 'db.close();'): string => `
    const db = new Database('a.db');
    outer: for (const item of items) {
      inner: for (const part of item) {
        ${body}
      }
    }
    ${after}
  `;

  test.each([
    ['break', 'if (flag) break;'],
    ['continue', 'if (flag) continue;'],
    ['break with a label', 'if (flag) break outer;'],
    ['continue with a label', 'if (flag) continue outer;'],
    ['break of the own label', 'if (flag) break inner;'],
  ])('%s leads to what comes after', (_, jump) => {
    expect(leaks(loop(jump))).toEqual([]);
    expect(leaks(loop(jump, ''))).toEqual(['3: normal 9']);
  });

  test.each([
    ['break', 'break;'],
    ['continue', 'continue;'],
    ['break with a label', 'break outer;'],
    ['continue with a label', 'continue outer;'],
    ['return', 'return 1;'],
  ])('%s runs the finally on its way', (_, jump) => {
    const program = (close: string): string => `
      outer: for (const item of items) {
        const db = new Database(item);
        try {
          ${jump}
        } finally {
          ${close}
        }
      }
    `;
    expect(leaks(program('db.close();'))).toEqual([]);
    expect(leaks(program(''))).toHaveLength(1);
  });

  test('a break in finally takes the place of a return', () => {
    const program = (after: string): string => `
      const db = new Database('a.db');
      for (const item of items) {
        try {
          return item;
        } finally {
          break;
        }
      }
      ${after}
    `;
    expect(leaks(program('db.close();'))).toEqual([]);
    expect(leaks(program(''))).toEqual(['3: normal 11']);
  });

  test('a break out of a labelled block', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      block: {
        if (flag) break block;
        db.close();
        return 1;
      }
      db.close();
    `),
    ).toEqual([]);
    expect(
      leaks(`
      const db = new Database('a.db');
      block: {
        if (flag) break block;
        db.close();
      }
    `),
    ).toEqual(['3: normal 8']);
  });
});

describe('switch', () => {
  test('a case without a break falls into the next', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      switch (items.length) {
        case 0:
        case 1:
          console.log('few');
        default:
          db.close();
      }
    `),
    ).toEqual([]);
  });

  test('no case may fit', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      switch (items.length) {
        case 0:
          db.close();
          break;
        case 1:
          db.close();
      }
    `),
    ).toEqual(['3: normal 11']);
  });

  test('a default anywhere takes what fits no case', () => {
    expect(
      leaks(`
      const db = new Database('a.db');
      switch (items.length) {
        default:
          db.close();
          break;
        case 1:
          db.close();
      }
    `),
    ).toEqual([]);
  });
});

describe('expressions', () => {
  test.each([
    ['and', 'flag && db.close();', ['3: normal 4']],
    ['or', 'flag || db.close();', ['3: normal 4']],
    ['a conditional', 'flag ? db.close() : db.close();', []],
    ['one arm of a conditional', 'flag ? db.close() : null;', ['3: normal 4']],
    ['a comma', 'console.log(1), db.close();', []],
    ['an optional call', 'db?.close();', []],
    ['an optional method', 'db.close?.();', []],
    ['void', 'void db.close();', []],
    ['an argument', 'console.log(db.close());', []],
    ['a template', 'console.log(`${db.close()}`);', []],
  ])('%s', (_, close, expected) => {
    expect(leaks(`const db = new Database('a.db'); ${close}`)).toEqual(expected);
  });
});

import { describe, expect, test } from 'vitest';
import { leaksOf, synchronous, transactionLeaksOf } from '../program.ts';

const leaks = (body: string): string[] => leaksOf(synchronous(body));

describe('another name for a connection', () => {
  test.each([
    ['a variable', 'const same = db; same.close();'],
    ['a variable that is assigned', 'let same; same = db; same.close();'],
    ['several names', 'const a = db; const b = a; const c = b; c.close();'],
    ['a property', 'const box = { db }; box.db.close();'],
    ['a property of a property', 'const box = { inner: { db } }; box.inner.db.close();'],
    ['a computed property', `const box = { ['db']: db }; box['db'].close();`],
    ['a property that is set', 'const box = {} as any; box.db = db; box.db.close();'],
    ['destructuring', 'const { db: same } = { db }; same.close();'],
    ['destructuring with a default', 'const { db: same = db } = { db }; same.close();'],
    ['a rest element', 'const { x, ...rest } = { x: 1, db }; rest.db.close();'],
    ['spreading', 'const box = { ...{ db } }; box.db.close();'],
    ['an array', 'const [same] = [db]; same.close();'],
    ['an element', 'const list = [1, db]; list[1].close();'],
    ['a conditional', 'const same = flag ? db : db; same.close();'],
    ['an assignment as an expression', 'let same; (same = db).close();'],
    ['a comma', '(console.log(1), db).close();'],
    ['a type assertion', '(db as any).close();'],
    ['not null', 'db!.close();'],
    ['satisfies', '(db satisfies unknown as any).close();'],
    ['a method that returns the handle', 'db.unsafeMode().close();'],
  ])('%s', (_, close) => {
    expect(leaks(`const db = new Database('a.db'); ${close}`)).toEqual([]);
    expect(leaks(`const db = new Database('a.db'); ${close.replace('.close()', '.open')}`)).toHaveLength(1);
  });

  // Accessors of an object literal are not called.
  test('a getter', () => {
    expect(leaks(`const db = new Database('a.db'); const box = { get db() { return db; } }; box.db.close();`)).toEqual(
      [],
    );
  });

  test('a name that stands for another connection by now', () => {
    expect(
      leaks(`
      let db = new Database('a.db');
      const first = db;
      db = new Database('b.db');
      first.close();
      db.close();
    `),
    ).toEqual(['3: implicit 5']);
  });
});

describe('methods of a connection', () => {
  test.each([
    ['bound', 'const close = db.close.bind(db); close();'],
    ['destructured', 'const { close } = db; close.call(db);'],
    ['by a computed name', `db['close']();`],
    ['in a table', 'const actions = { end: () => db.close() }; actions.end();'],
  ])('%s', (_, close) => {
    expect(leaks(`const db = new Database('a.db'); ${close}`)).toEqual([]);
  });
});

describe('functions', () => {
  test.each([
    ['an arrow', 'const close = () => db.close();'],
    ['a function expression', 'const close = function () { db.close(); };'],
    ['a declaration that is hoisted', 'function close() { db.close(); }'],
    ['a parameter', 'const closing = (handle: Database.Database) => handle.close(); const close = () => closing(db);'],
    [
      'a parameter by destructuring',
      'const closing = ({ db }: any) => db.close(); const close = () => closing({ db });',
    ],
    [
      'a rest parameter',
      'const closing = (...all: Database.Database[]) => all[0].close(); const close = () => closing(db);',
    ],
    ['arguments by spreading', 'const closing = (a: any) => a.close(); const close = () => closing(...[db]);'],
    ['a default parameter', 'const close = (handle = db) => handle.close();'],
    [
      'a function that makes a function',
      'const closer = (handle: any) => () => handle.close(); const close = closer(db);',
    ],
    [
      'a function that is given away and called',
      'const calls = (run: () => void) => run(); const close = () => calls(() => db.close());',
    ],
    ['a list of functions', 'const close = () => { for (const end of [() => db.close()]) end(); };'],
    ['forEach', 'const close = () => [db].forEach((handle) => handle.close());'],
    ['call', 'const closing = (handle: any) => handle.close(); const close = () => closing.call(null, db);'],
  ])('%s closes', (_, declaration) => {
    const program = (call: string): string => `
      const db = new Database('a.db');
      ${declaration}
      ${call}
    `;
    expect(leaks(program('close();'))).toEqual([]);
  });

  test('a function that nobody calls closes nothing', () => {
    expect(leaks(`const db = new Database('a.db'); const close = () => db.close();`)).toHaveLength(1);
  });

  test('a function that fails leaves what its caller opened', () => {
    const program = (body: string): string => `
      import Database from 'better-sqlite3';
      function check(text: string): void {
        ${body}
      }
      export function run(text: string): void {
        const db = new Database('a.db');
        check(text);
        db.close();
      }
    `;
    expect(leaksOf(program('console.log(text);'))).toEqual([]);
    expect(leaksOf(program('JSON.parse(text);'))).toEqual(['6: implicit 7']);
    expect(leaksOf(program(`if (text) throw new Error('no');`))).toEqual(['6: implicit 7']);
    expect(leaksOf(program('try { JSON.parse(text); } catch {}'))).toEqual([]);
  });

  test('a function that never returns ends the way', () => {
    expect(
      leaksOf(`
        import Database from 'better-sqlite3';
        function fail(text: string): never {
          console.error(text);
          process.exit(1);
        }
        export function run(flag: boolean): void {
          const db = new Database('a.db');
          if (flag) fail('no');
          db.close();
        }
      `),
    ).toEqual([]);
  });
});

describe('classes', () => {
  const program = (members: string, use: string): string => `
    import Database from 'better-sqlite3';
    class Session {
      ${members}
    }
    export function run(flag: boolean): void {
      const session = new Session();
      ${use}
    }
  `;

  test.each([
    ['a field', `db = new Database('a.db'); end() { this.db.close(); }`],
    ['a private field', `#db = new Database('a.db'); end() { this.#db.close(); }`],
    [
      'a field set by the constructor',
      `db; constructor() { this.db = new Database('a.db'); } end() { this.db.close(); }`,
    ],
    ['an arrow in a field', `db = new Database('a.db'); end = () => this.db.close();`],
    ['a method that calls another', `db = new Database('a.db'); end() { this.stop(); } stop() { this.db.close(); }`],
    ['a getter', `#db = new Database('a.db'); get db() { return this.#db; } end() { this.db.close(); }`],
  ])('%s', (_, members) => {
    expect(leaksOf(program(members, 'session.end();'))).toEqual([]);
    expect(leaksOf(program(members, ''))).toHaveLength(1);
  });

  test('a method of the parent', () => {
    const inherited = (use: string): string => `
      import Database from 'better-sqlite3';
      class Base {
        db = new Database('a.db');
        end(): void { this.db.close(); }
      }
      class Session extends Base {
        clear(): void { super.end(); }
      }
      export function run(): void {
        const session = new Session();
        ${use}
      }
    `;
    expect(leaksOf(inherited('session.end();'))).toEqual([]);
    expect(leaksOf(inherited('session.clear();'))).toEqual([]);
    expect(leaksOf(inherited(''))).toHaveLength(1);
  });

  test('a class that extends the driver', () => {
    const extended = (use: string): string => `
      import Database from 'better-sqlite3';
      class Own extends Database {
        name(): string { return 'own'; }
      }
      export function run(): void {
        const db = new Own('a.db');
        ${use}
      }
    `;
    expect(leaksOf(extended('db.close();'))).toEqual([]);
    expect(leaksOf(extended(''))).toHaveLength(1);
  });

  test('a class that extends the driver and closes itself', () => {
    expect(
      leaksOf(`
        import Database from 'better-sqlite3';
        class Own extends Database {
          end(): void { this.close(); }
        }
        export function run(): void {
          const db = new Own('a.db');
          db.end();
        }
      `),
    ).toEqual([]);
  });
});

describe('statements', () => {
  const program = (declarations: string, begin: string): string => `
    import Database from 'better-sqlite3';
    const db = new Database('a.db');
    ${declarations}
    export function run(): void {
      ${begin};
      db.exec('DELETE FROM t');
      db.exec('COMMIT');
    }
  `;

  test.each([
    ['a text', '', `db.exec('BEGIN')`],
    ['a constant', `const SQL = 'BEGIN';`, 'db.exec(SQL)'],
    ['a text put together', `const MODE = 'IMMEDIATE';`, `db.exec('BEGIN ' + MODE)`],
    ['a word put together', `const HALF = 'BE';`, `db.exec(HALF + 'GIN')`],
    ['a template', `const MODE = 'IMMEDIATE';`, 'db.exec(`BEGIN ${MODE} TRANSACTION`)'],
    ['a property of an object', `const SQL = { begin: 'BEGIN' } as const;`, 'db.exec(SQL.begin)'],
    ['an enum', `enum Sql { Begin = 'BEGIN' }`, 'db.exec(Sql.Begin)'],
    ['a list that is joined', '', `db.exec(['BEGIN', 'IMMEDIATE'].join(' '))`],
    ['a statement', `const begin = db.prepare('BEGIN');`, 'begin.run()'],
    ['a statement that is bound', `const begin = db.prepare('BEGIN').raw();`, 'begin.run()'],
    ['a table of statements', `const statements = { begin: db.prepare('BEGIN') };`, 'statements.begin.run()'],
    ['a function', `const exec = (sql: string) => db.exec(sql);`, `exec('BEGIN')`],
    ['a trimmed text', '', 'db.exec(` BEGIN `.trim())'],
  ])('%s', (_, declarations, begin) => {
    expect(transactionLeaksOf(program(declarations || '//', begin))).toHaveLength(1);
  });

  test.each([
    ['a text that nobody knows', 'declare const sql: string;', 'db.exec(sql)'],
    ['a statement of another text', `const begin = db.prepare('SELECT 1');`, 'begin.get()'],
    ['a text that only names it', '', `db.exec("INSERT INTO t VALUES ('BEGIN')")`],
  ])('%s begins nothing', (_, declarations, begin) => {
    expect(transactionLeaksOf(program(declarations || '//', begin))).toEqual([]);
  });
});

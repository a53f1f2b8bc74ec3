import { describe, expect, test } from 'vitest';
import { chained, DRIVER, texts, TYPESCRIPT } from './chains.ts';

type Files = Readonly<Record<string, string>>;

const project = { ...TYPESCRIPT, 'src/driver.ts': DRIVER };

/** A module of one file, in TypeScript, with the driver. */
const alone = (code: string): Files => ({ 'src/main.ts': code });

const SCRIPTS = { 'package.json': '{ "private": true }' };

interface Case {
  readonly name: string;
  readonly files: Files;
}

describe('a function that has to wait becomes asynchronous, with all that call it', () => {
  const cases: readonly (Case & { readonly changed: Files; readonly notes?: readonly string[] })[] = [
    {
      name: 'in other files, by any kind of import, up to the modules themselves',
      files: {
        'src/database.ts': `
          import { Database } from './driver.ts';

          /** Opens. */
          export function getDatabase(file: string): Database {
            return ▸new Database(file);
          }`,
        'src/index.ts': `
          export { getDatabase as connect } from './database.ts';`,
        'src/users.ts': `
          import { connect as open } from './index.ts';

          export const names = (file: string) => open(file).all('SELECT name FROM users');

          export function save(file: string): void {
            const db = open(file);
            db.run('INSERT');
          }`,
        'src/main.ts': `
          import * as users from './users.ts';

          users.save('app.db');
          for (const name of users.names('app.db')) console.log(name);
          export const { save } = users;
          if (process.argv.length > 2) save('other.db');
          declare const process: { argv: string[] };`,
      },
      changed: {
        'src/database.ts': `
          import { Database } from './driver.ts';

          /** Opens. */
          export async function getDatabase(file: string): Promise<Database> {
            return new Database(file);
          }`,
        'src/users.ts': `
          import { connect as open } from './index.ts';

          export const names = async (file: string) => (await open(file)).all('SELECT name FROM users');

          export async function save(file: string): Promise<void> {
            const db = await open(file);
            db.run('INSERT');
          }`,
        'src/main.ts': `
          import * as users from './users.ts';

          await users.save('app.db');
          for (const name of await users.names('app.db')) console.log(name);
          export const { save } = users;
          if (process.argv.length > 2) await save('other.db');
          declare const process: { argv: string[] };`,
      },
    },
    {
      name: 'which hand the promise on where that is the same',
      files: alone(`
        import { Database } from './driver.ts';
        function open() {
          return ▸new Database('app.db');
        }
        export function connect(): Database {
          return (open());
        }
        export const arrow = () => open();
        export function careful() {
          try {
            return open();
          } catch {
            return open();
          }
        }
        export function asserted() {
          return open()!;
        }`),
      changed: alone(`
        import { Database } from './driver.ts';
        async function open() {
          return new Database('app.db');
        }
        export async function connect(): Promise<Database> {
          return (open());
        }
        export const arrow = async () => open();
        export async function careful() {
          try {
            return await open();
          } catch {
            return open();
          }
        }
        export async function asserted() {
          return (await open())!;
        }`),
    },
    {
      name: 'with parentheses where something else would come first, and without an accident of semicolons',
      files: alone(`
        import { Database } from './driver.ts'
        const open = function () {
          return ▸new Database('app.db')
        }
        const count = () => open().all('SELECT 1').length
        export function run(rows = 2) {
          const before = rows
          open().run('DELETE')
          open()
          const sum = -count() + count() ** 2
          return [...open().all('SELECT 2'), open() as Database, \`\${count()}\`, count() ? before : sum, open?.()]
        }`),
      changed: alone(`
        import { Database } from './driver.ts'
        const open = async function () {
          return new Database('app.db')
        }
        const count = async () => (await open()).all('SELECT 1').length
        export async function run(rows = 2) {
          const before = rows
          ;(await open()).run('DELETE')
          await open()
          const sum = -await count() + (await count()) ** 2
          return [...(await open()).all('SELECT 2'), await open() as Database, \`\${await count()}\`, await count() ? before : sum, await open?.()]
        }`),
    },
    {
      name: 'calls of calls among them',
      files: alone(`
        import { Database } from './driver.ts';
        const open = (file: string) => ▸new Database(file);
        const first = (db: Database) => open(db.all('x')[0] ?? '');
        export const both = (): string[] => first(open('a')).all(open('b').file);`),
      changed: alone(`
        import { Database } from './driver.ts';
        const open = async (file: string) => new Database(file);
        const first = async (db: Database) => open(db.all('x')[0] ?? '');
        export const both = async (): Promise<string[]> => (await first(await open('a'))).all((await open('b')).file);`),
    },
    {
      name: 'methods with the interfaces, base classes and overrides that they belong to',
      files: {
        'src/stores.ts': `
          import { Database } from './driver.ts';

          export interface Store {
            /** Opens. */
            open(name: string): Database;
            readonly close: () => void;
          }

          export abstract class Base implements Store {
            abstract open(name: string): Database;
            close = (): void => {};
            protected first(): string {
              return this.open('first').file;
            }
          }`,
        'src/files.ts': `
          import { Database } from './driver.ts';
          import { Base, type Store } from './stores.ts';

          export class Files extends Base {
            override open(name: string): Database {
              return ▸new Database(name);
            }
            static readonly extension = '.db';
          }

          export class Others extends Base {
            public override open(name: string): Database {
              return super.first() === name ? cached : cached;
            }
          }
          declare const cached: Database;

          export const fake: Store = { open: (name) => cached ?? name, close() {} };`,
        'src/use.ts': `
          import type { Store } from './stores.ts';

          export function use(store: Store, others: readonly Store[]) {
            const { open: start } = store;
            start('a').run('x');
            for (const { open } of others) open('b');
            return store['open']('c');
          }`,
      },
      changed: {
        'src/stores.ts': `
          import { Database } from './driver.ts';

          export interface Store {
            /** Opens. */
            open(name: string): Promise<Database>;
            readonly close: () => void;
          }

          export abstract class Base implements Store {
            abstract open(name: string): Promise<Database>;
            close = (): void => {};
            protected async first(): Promise<string> {
              return (await this.open('first')).file;
            }
          }`,
        'src/files.ts': `
          import { Database } from './driver.ts';
          import { Base, type Store } from './stores.ts';

          export class Files extends Base {
            override async open(name: string): Promise<Database> {
              return new Database(name);
            }
            static readonly extension = '.db';
          }

          export class Others extends Base {
            public override async open(name: string): Promise<Database> {
              return await super.first() === name ? cached : cached;
            }
          }
          declare const cached: Database;

          export const fake: Store = { open: async (name) => cached ?? name, close() {} };`,
        'src/use.ts': `
          import type { Store } from './stores.ts';

          export async function use(store: Store, others: readonly Store[]) {
            const { open: start } = store;
            (await start('a')).run('x');
            for (const { open } of others) await open('b');
            return store['open']('c');
          }`,
      },
    },
    {
      name: 'overloads, default exports, private methods, functions with a type of their own',
      files: {
        'src/open.ts': `
          import { Database } from './driver.ts';
          export default function open(file: string): Database;
          export default function open(file: string, again: true): Database[];
          export default function open(file: string, again?: true): Database | Database[] {
            const db = ▸new Database(file);
            return again ? [db] : db;
          }`,
        'src/main.ts': `
          import openFile from './open.ts';
          import type { Database } from './driver.ts';

          export const first: (file: string) => Database = (file) => openFile(file);
          export type First = ReturnType<typeof first>;

          export class App {
            #db: Database | null = null;
            #open() {
              this.#db = openFile('app.db');
            }
            async start() {
              this.#open();
              return [first('x'), await import('./open.ts').then((module) => module.default('y'))];
            }
          }`,
      },
      changed: {
        'src/open.ts': `
          import { Database } from './driver.ts';
          export default function open(file: string): Promise<Database>;
          export default function open(file: string, again: true): Promise<Database[]>;
          export default async function open(file: string, again?: true): Promise<Database | Database[]> {
            const db = new Database(file);
            return again ? [db] : db;
          }`,
        'src/main.ts': `
          import openFile from './open.ts';
          import type { Database } from './driver.ts';

          export const first: (file: string) => Promise<Database> = async (file) => openFile(file);
          export type First = Awaited<ReturnType<typeof first>>;

          export class App {
            #db: Database | null = null;
            async #open() {
              this.#db = await openFile('app.db');
            }
            async start() {
              await this.#open();
              return [await first('x'), await import('./open.ts').then(async (module) => module.default('y'))];
            }
          }`,
      },
    },
    {
      name: 'but not beyond a function that answers with a promise already',
      files: alone(`
        import { Database } from './driver.ts';
        export function load(): Promise<string> {
          const db = ▸new Database('app.db');
          return Promise.resolve(db.file);
        }
        export const use = () => load().then(console.log);`),
      changed: alone(`
        import { Database } from './driver.ts';
        export async function load(): Promise<string> {
          const db = new Database('app.db');
          return Promise.resolve(db.file);
        }
        export const use = () => load().then(console.log);`),
    },
    {
      name: 'by whatever name it has: of a namespace, a class, an object, a module that is loaded later',
      files: {
        'src/open.ts': `
          import { Database } from './driver.ts';
          export class Connections {
            static open(): Database {
              return ▸new Database('app.db');
            }
          }
          export class More extends Connections {}
          export const connections = { open: Connections.open, start: () => More.open() };
          export default connections;`,
        'src/index.ts': `
          export * as store from './open.ts';
          export * from './open.ts';`,
        'src/main.ts': `
          import { store } from './index.ts';
          import all from './open.ts';

          store.Connections.open();
          store.connections.start();
          all.open();
          const { connections, More } = await import('./index.ts');
          connections.open();
          More['open']();
          (await import('./open.ts')).default.start();
          const partial: Partial<typeof connections> = connections;
          partial.start?.();`,
      },
      changed: {
        'src/open.ts': `
          import { Database } from './driver.ts';
          export class Connections {
            static async open(): Promise<Database> {
              return new Database('app.db');
            }
          }
          export class More extends Connections {}
          export const connections = { open: Connections.open, start: async () => More.open() };
          export default connections;`,
        'src/main.ts': `
          import { store } from './index.ts';
          import all from './open.ts';

          await store.Connections.open();
          await store.connections.start();
          await all.open();
          const { connections, More } = await import('./index.ts');
          await connections.open();
          await More['open']();
          await (await import('./open.ts')).default.start();
          const partial: Partial<typeof connections> = connections;
          await partial.start?.();`,
      },
    },
    {
      name: 'in front of a promise that is made of a callback',
      files: alone(`
        import { Database } from './driver.ts';
        const open = (file: string) => ▸new Database(file);
        export function rows(file: string): Promise<string[]> {
          return new Promise((resolve) => {
            const db = open(file);
            resolve(db.all('x'));
          });
        }
        export const names = (db: string) => new Promise<string[]>((resolve) => resolve(open(db).all('y')));
        export function run(file: string, sql: string) {
          const done = new Promise<void>((resolve) => {
            open(file).run(sql);
            resolve();
          });
          return done;
        }
        export const all = () =>
          new Promise<void>((resolve) => {
            open('app.db').run('z');
            resolve();
          });`),
      changed: alone(`
        import { Database } from './driver.ts';
        const open = async (file: string) => new Database(file);
        export async function rows(file: string): Promise<string[]> {
          const db = await open(file);
          return new Promise((resolve) => {
            resolve(db.all('x'));
          });
        }
        export const names = async (db: string) => {
          const database = await open(db);
          return new Promise<string[]>((resolve) => resolve(database.all('y')));
        };
        export async function run(file: string, sql: string) {
          const db = await open(file);
          const done = new Promise<void>((resolve) => {
            db.run(sql);
            resolve();
          });
          return done;
        }
        export const all = async () => {
          const db = await open('app.db');
          return new Promise<void>((resolve) => {
            db.run('z');
            resolve();
          });
        };`),
    },
    {
      name: 'callbacks that nobody waits for, with a note',
      files: alone(`
        import { Database } from './driver.ts';
        const tick = () => {
          ▸new Database('app.db').run('x');
        };
        setInterval(tick, 1000);
        setTimeout(() => {
          tick();
        });
        Promise.resolve(1).then(() => tick());
        export const late = (promise: any) => promise.catch(() => tick());`),
      changed: alone(`
        import { Database } from './driver.ts';
        const tick = async () => {
          new Database('app.db').run('x');
        };
        setInterval(tick, 1000);
        setTimeout(async () => {
          await tick();
        });
        Promise.resolve(1).then(async () => tick());
        export const late = (promise: any) => promise.catch(async () => tick());`),
      notes: [
        'src/main.ts:5 What this function throws is a rejected promise from now on, which whoever calls it does not look at.',
        'src/main.ts:6 What this function throws is a rejected promise from now on, which whoever calls it does not look at.',
      ],
    },
  ];

  test.each(cases)('$name', async ({ files, changed, notes }) => {
    const expected = { changed: texts(changed), boundary: null, ...(notes && { notes }) };
    expect(await chained({ ...project, ...files })).toMatchObject(expected);
  });
});

describe('in CommonJS', () => {
  const cases: readonly (Case & { readonly changed: Files })[] = [
    {
      name: 'what is exported in an object is awaited where it is required, whole or in parts',
      files: {
        'database.js': `
          const { Database } = require('sqlite3').verbose();

          /**
           * @param {string} file
           * @returns {Database} The connection.
           */
          function getDatabase(file) {
            return ▸new Database(file);
          }

          module.exports = { getDatabase, connect: getDatabase };`,
        'users.js': `
          const { getDatabase: open } = require('./database');
          const database = require('./database.js');

          exports.save = function () {
            database.connect('app.db').run('INSERT');
            return open('app.db');
          };
          exports.list = () => {
            exports.save();
          };`,
        'main.js': `
          const users = require('./users');
          const { list } = users;

          async function main() {
            list();
            users.save().all('SELECT 1', console.log);
          }

          main();`,
      },
      changed: {
        'database.js': `
          const { Database } = require('sqlite3').verbose();

          /**
           * @param {string} file
           * @returns {Promise<Database>} The connection.
           */
          async function getDatabase(file) {
            return new Database(file);
          }

          module.exports = { getDatabase, connect: getDatabase };`,
        'users.js': `
          const { getDatabase: open } = require('./database');
          const database = require('./database.js');

          exports.save = async function () {
            (await database.connect('app.db')).run('INSERT');
            return open('app.db');
          };
          exports.list = async () => {
            await exports.save();
          };`,
        'main.js': `
          const users = require('./users');
          const { list } = users;

          async function main() {
            await list();
            (await users.save()).all('SELECT 1', console.log);
          }

          main();`,
      },
    },
    {
      name: 'a module that is one function',
      files: {
        'open.js': `
          const sqlite3 = require('sqlite3');
          module.exports = function open(file) {
            return ▸new sqlite3.Database(file);
          };`,
        'main.js': `
          const openFile = require('./open');
          async function main() {
            openFile('app.db').run('x');
            require('./open')('other.db').run('y');
          }
          main();`,
      },
      changed: {
        'open.js': `
          const sqlite3 = require('sqlite3');
          module.exports = async function open(file) {
            return new sqlite3.Database(file);
          };`,
        'main.js': `
          const openFile = require('./open');
          async function main() {
            (await openFile('app.db')).run('x');
            (await require('./open')('other.db')).run('y');
          }
          main();`,
      },
    },
    {
      name: 'a class, whose objects have a type',
      files: {
        'store.js': `
          const sqlite3 = require('sqlite3');
          class Store {
            open() {
              this.db = ▸new sqlite3.Database('app.db');
            }
          }
          module.exports = Store;`,
        'main.js': `
          const Store = require('./store');
          const store = new Store();
          exports.start = async () => {
            store.open();
          };`,
      },
      changed: {
        'store.js': `
          const sqlite3 = require('sqlite3');
          class Store {
            async open() {
              this.db = new sqlite3.Database('app.db');
            }
          }
          module.exports = Store;`,
        'main.js': `
          const Store = require('./store');
          const store = new Store();
          exports.start = async () => {
            await store.open();
          };`,
      },
    },
  ];

  test.each(cases)('$name', async ({ files, changed }) => {
    expect(await chained({ ...SCRIPTS, ...files })).toMatchObject({ changed: texts(changed), boundary: null });
  });
});

test('what others can call, and nobody does here, is named', async () => {
  const { notes } = await chained({
    ...SCRIPTS,
    'handler.js': `
      const sqlite3 = require('sqlite3');
      const open = () => ▸new sqlite3.Database('app.db');
      const used = () => open();
      exports.handler = () => used().file;
      exports.called = () => used().file;`,
    'main.js': `
      const { called } = require('./handler');
      exports.main = async () => called();`,
  });
  expect(notes).toEqual(['handler.js:4 Nothing here calls `handler`: whoever does has to wait for it now.']);
});

describe('nothing is changed where the chain comes to a boundary', () => {
  const opening = `
    import { Database } from './driver.ts';
    export const open = (): Database => ▸new Database('app.db');
  `;
  const use = (code: string): Files => ({ 'src/open.ts': opening, 'src/use.ts': code });

  const cases: readonly (Case & { readonly boundary: string })[] = [
    {
      name: 'a constructor',
      files: use(`
        import { open } from './open.ts';
        export class Store {
          readonly file: string;
          constructor() {
            this.file = open().file;
          }
        }`),
      boundary: 'src/use.ts:4 A constructor cannot be asynchronous.',
    },
    {
      name: 'a field of a class',
      files: use(`
        import { open } from './open.ts';
        export class Store {
          readonly db = open();
        }`),
      boundary: 'src/use.ts:3 A field of a class gets its value at once: it cannot wait for anything.',
    },
    {
      name: 'a getter',
      files: use(`
        import { open } from './open.ts';
        export const store = {
          get db() {
            return open();
          },
        };`),
      boundary: 'src/use.ts:3 A getter or setter cannot be asynchronous.',
    },
    {
      name: 'a generator',
      files: use(`
        import { open } from './open.ts';
        export function* rows() {
          yield* open().all('x');
        }`),
      boundary: 'src/use.ts:2 A generator does not wait: its results are taken at once.',
    },
    {
      name: 'the default value of a parameter',
      files: use(`
        import { open } from './open.ts';
        export async function rows(db = open()) {
          return db.all('x');
        }`),
      boundary: 'src/use.ts:2 The default value of a parameter cannot wait for anything.',
    },
    {
      name: 'what the language calls by itself',
      files: use(`
        import { open } from './open.ts';
        export const store = { toJSON: () => open().file };`),
      boundary: 'src/use.ts:2 `toJSON` is called by the language itself, which does not wait.',
    },
    {
      name: 'a decorator',
      files: use(`
        import { open } from './open.ts';
        declare function cached(method: unknown, context: unknown): void;
        export class Store {
          @cached
          rows() {
            return open().all('x');
          }
        }`),
      boundary: 'src/use.ts:4 A decorator looks at the method.',
    },
    ...['map', 'filter', 'forEach', 'toSorted'].map((method) => ({
      name: `the callback of ${method}`,
      files: use(`
        import { open } from './open.ts';
        export const rows = ['a', 'b'].${method}(() => open().all('x').length);`),
      boundary: `src/use.ts:2 \`['a', 'b'].${method}\` calls the function at once, and does not wait for it.`,
    })),
    {
      name: 'a function that is used as a value whose answer matters',
      files: use(`
        import { open } from './open.ts';
        import type { Database } from './driver.ts';
        interface Options {
          connect: () => Database;
        }
        export const options: Options[] = [];
        options.push({ connect: open });
        export const rows = options.map(({ connect }) => connect());`),
      boundary: 'src/use.ts:8 `options.map` calls the function at once, and does not wait for it.',
    },
    {
      name: 'a function that is put into a list',
      files: use(`
        import { open } from './open.ts';
        export const openers = [open];`),
      boundary: 'src/use.ts:2 The function is used as a value here, and what it answers matters.',
    },
    {
      name: 'a function that a function of the project is given',
      files: use(`
        import { open } from './open.ts';
        function twice(fn: () => void) {
          fn();
          fn();
        }
        export async function run() {
          twice(() => open().run('x'));
        }`),
      boundary: 'src/use.ts:7 `twice`, of the project itself, is given the function and does not wait for it.',
    },
    {
      name: 'what another function makes of it',
      files: {
        ...use(`
          import { open } from './open.ts';
          import { once } from 'once';
          export const opened = once(open);
          opened().run('x');`),
        'node_modules/once/package.json': '{ "name": "once", "types": "once.d.ts" }',
        'node_modules/once/once.d.ts': 'export function once<T>(fn: T): T;',
      },
      boundary: 'src/use.ts:3 What comes of the function is used behind `once`.',
    },
    {
      name: 'a value that is kept, and would be made twice',
      files: use(`
        import { open } from './open.ts';
        let rows: string[] | null = null;
        export function cached() {
          if (!rows) rows = open().all('x');
          return rows;
        }`),
      boundary:
        'src/use.ts:4 While it waits another call could come here as well, and make what is kept a second time.',
    },
    {
      name: 'what is done when the process ends',
      files: use(`
        import { open } from './open.ts';
        declare const process: { on(event: string, listener: () => void): void };
        process.on('exit', () => open().run('x'));`),
      boundary: 'src/use.ts:3 The process ends when the function has run, and does not wait for more.',
    },
    {
      name: 'what is expected to throw at once',
      files: {
        ...use(`
          import { open } from './open.ts';
          import { expect } from 'expect';
          const start = (): void => open().run('x');
          expect(() => start()).toThrow();`),
        'node_modules/expect/package.json': '{ "name": "expect", "types": "expect.d.ts" }',
        'node_modules/expect/expect.d.ts': 'export function expect<T>(actual: T): { toThrow(): void };',
      },
      boundary: 'src/use.ts:4 What comes of the function is used behind `expect`.',
    },
    {
      name: 'a type that is taken from the function',
      files: use(`
        import { open } from './open.ts';
        export const start = (run: typeof open) => {
          run();
        };`),
      boundary: 'src/use.ts:2 Other functions have the type of this one.',
    },
    {
      name: 'what another function makes of it, without a type',
      files: use(`
        import { open } from './open.ts';
        import { memoize } from 'not-installed';
        export const opened = memoize(open);
        opened().run('x');`),
      boundary: 'src/use.ts:3 What comes of the function is used behind `memoize`.',
    },
    {
      name: 'a function that is called by a name that is computed',
      files: use(`
        import { open } from './open.ts';
        const handlers = { start: () => open().file, stop: () => '' };
        export const run = (name: 'start' | 'stop') => handlers[name]();`),
      boundary: 'src/use.ts:3 One of its members is taken by a name that is computed, which may be `start`.',
    },
    {
      name: 'a type that others have declared',
      files: {
        ...use(`
          import { open } from './open.ts';
          import type { Plugin } from 'plugins';
          export const plugin: Plugin = { setup: () => open().file };`),
        'node_modules/plugins/package.json': '{ "name": "plugins", "types": "plugins.d.ts" }',
        'node_modules/plugins/plugins.d.ts': 'export interface Plugin { setup(): string }',
      },
      boundary: 'src/use.ts:3 `setup` is declared outside of the project, without a promise.',
    },
    {
      name: 'what has no type, if it may be the function',
      files: use(`
        export const run = (module: any) => module.open();`),
      boundary: 'src/use.ts:1 This may be `open`, which would be asynchronous: nothing tells its type.',
    },
    {
      name: 'a module of the project that cannot be found',
      files: use(`
        import { open } from '@/open';
        open();`),
      boundary: 'src/use.ts:1 This may be `open`, which would be asynchronous: nothing tells its type.',
    },
    {
      name: 'the module level of CommonJS',
      files: {
        'package.json': '{ "private": true }',
        'src/open.ts': opening,
        'src/use.ts': `
          import { open } from './open.ts';
          open().run('x');`,
      },
      boundary:
        'src/use.ts:2 It is called while a module is loaded that is no ES module, which cannot wait for anything.',
    },
    {
      name: 'what a package gives to others',
      files: {
        'package.json': '{ "type": "module", "name": "store", "exports": { ".": "./dist/index.js" } }',
        'src/open.ts': opening,
        'src/index.ts': "export { open as connect } from './open.ts';",
      },
      boundary: 'src/open.ts:2 The package gives it to others, who do not wait for it.',
    },
    {
      name: 'a component that is not read',
      files: { ...use(''), 'src/Rows.vue': "<script>import { open } from './open.ts'; open();</script>" },
      boundary: 'src/Rows.vue:1 It may call the function, and cannot be read.',
    },
    {
      name: 'more functions than anybody would review',
      files: use(
        [
          "import { open } from './open.ts';",
          'const f0 = () => open();',
          ...Array.from({ length: 210 }, (_, index) => `const f${index + 1} = () => f${index}();`),
          'export {};',
        ].join('\n'),
      ),
      boundary: 'src/use.ts:201 More than 200 functions would become asynchronous.',
    },
  ];

  test.each(cases)('$name', async ({ files, boundary }) => {
    expect(await chained({ ...project, ...files })).toEqual({ changed: {}, notes: [], functions: 0, boundary });
  });
});

describe('what looks alike stays as it is', () => {
  const cases: readonly (Case & { readonly changed: readonly string[] })[] = [
    {
      name: 'functions of the same name elsewhere, and members of other packages',
      files: {
        'src/open.ts': `
          import { Database } from './driver.ts';
          export const open = (): Database => ▸new Database('app.db');`,
        'src/use.ts': `
          import { promises } from 'node:fs';
          import { open } from 'open';
          const own = { open: () => 1 };
          own.open();
          open();
          promises.open('x');`,
      },
      changed: ['src/open.ts'],
    },
    {
      name: 'the name in comments and in texts',
      files: {
        'src/open.ts': `
          import { Database } from './driver.ts';
          export const open = (): Database => ▸new Database('app.db');`,
        'src/use.ts': `
          // open() is slow
          console.log('open');
          export {};`,
      },
      changed: ['src/open.ts'],
    },
    {
      name: 'a place that may wait as it is',
      files: alone(`
        import { Database } from './driver.ts';
        export const open = async () => ▸new Database('app.db');
        export const use = () => open();`),
      changed: [],
    },
    {
      name: 'the level of a module',
      files: alone(`
        import { Database } from './driver.ts';
        export const db = ▸new Database('app.db');`),
      changed: [],
    },
  ];

  test.each(cases)('$name', async ({ files, changed }) => {
    const result = await chained({ ...project, ...files });
    expect(result.boundary).toBeNull();
    expect(Object.keys(result.changed)).toEqual(changed);
  });
});

describe('tests', () => {
  test('that the config leaves out are callers as well, and what stands in for a function is named', async () => {
    const { changed, notes, boundary } = await chained({
      ...project,
      'src/database.ts': `
        import { Database } from './driver.ts';
        export function getDatabase(): Database {
          return ▸new Database('app.db');
        }`,
      'src/__mocks__/database.ts': `
        export const getDatabase = () => ({ run() {} });`,
      'tests/database.test.ts': `
        import { expect, it, vi } from 'vitest';
        import sinon from 'sinon';
        import * as database from '../src/database.ts';

        vi.mock('../src/database.ts');
        sinon.stub(database, 'getDatabase');

        it('opens', () => {
          expect(database.getDatabase().file).toBe('app.db');
        });`,
    });
    expect(boundary).toBeNull();
    expect(changed['tests/database.test.ts']).toContain(
      "it('opens', async () => {\n  expect((await database.getDatabase()).file).toBe('app.db');",
    );
    expect(notes).toEqual([
      'src/__mocks__/database.ts:1 It stands in for database.ts, whose functions are asynchronous now.',
      'tests/database.test.ts:5 It stands in for database.ts, whose functions are asynchronous now.',
      'tests/database.test.ts:6 It stands in for `getDatabase`, which is asynchronous now.',
    ]);
  });
});

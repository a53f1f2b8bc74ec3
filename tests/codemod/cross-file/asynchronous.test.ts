import { describe, expect, test } from 'vitest';
import { chained, DRIVER, texts, TYPESCRIPT } from './chains.ts';

type Files = Readonly<Record<string, string>>;

const project = { ...TYPESCRIPT, 'src/driver.ts': DRIVER };

/** A module of one file, in TypeScript, with the driver. */
const alone = (code: string): Files => ({ 'src/main.ts': code });

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
        export {};`),
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
        export {};`),
      notes: [
        'src/main.ts:5 What this function throws is a rejected promise from now on, which whoever calls it does not look at.',
        'src/main.ts:6 What this function throws is a rejected promise from now on, which whoever calls it does not look at.',
      ],
    },
  ];

  test.each(cases)('$name', async ({ files, changed, notes = [] }) => {
    expect(await chained({ ...project, ...files })).toMatchObject({ changed: texts(changed), notes, boundary: null });
  });
});

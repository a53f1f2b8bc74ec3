import rule from '../../rules/valid-open-options.ts';
import { testRule } from './tester.ts';

const NO_SUCH_OPTION = 'It has no such option.';

testRule('valid-open-options', rule, {
  valid: [
    {
      name: 'every option that better-sqlite3 reads',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db', {
          readonly: true, fileMustExist: true, timeout: 5000, verbose: console.log, nativeBinding: 'x.node',
        });
      `,
    },
    {
      name: 'node:sqlite spells it readOnly',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = new DatabaseSync('app.db', { readOnly: true, timeout: 5000, allowExtension: false });
      `,
    },
    {
      name: 'bun:sqlite spells it readonly',
      code: `
        import { Database } from 'bun:sqlite';
        export const db = new Database('app.db', { readonly: true, create: false, strict: true });
      `,
      file: 'main.mjs',
    },
    {
      name: 'options of @libsql/client',
      code: `
        import { createClient } from '@libsql/client';
        export const client = createClient({ url: 'file:app.db', timeout: 5000, intMode: 'bigint' });
      `,
    },
    {
      name: 'options of the promise interface',
      code: `
        const sqlite3 = require('sqlite3');
        const { open } = require('sqlite');
        exports.connect = () => open({ filename: 'app.db', driver: sqlite3.Database, mode: sqlite3.OPEN_READONLY });
      `,
      file: 'main.cjs',
    },
    {
      name: 'an option that is like nothing the driver knows',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db', { purpose: 'queue' });
      `,
    },
    {
      name: 'PRAGMAs and values that SQLite knows, in any case',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        db.pragma('Journal_Mode = Wal');
        db.pragma('synchronous = 1');
        db.pragma('synchronous = NORMAL');
        db.pragma('foreign_keys = ON');
        db.pragma('main.cache_size = -16000');
        db.exec('PRAGMA temp_store = "memory"; PRAGMA wal_checkpoint(TRUNCATE)');
      `,
    },
    {
      name: 'a PRAGMA of an extension that is like none of SQLite',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        db.pragma('spatial_index_memory = 8');
      `,
    },
    {
      name: 'a name and a value that are not known',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        export function set(name: string, mode: string): void {
          db.pragma(\`\${name} = 1\`);
          db.pragma(\`journal_mode = \${mode}\`);
          db.pragma(\`\${name}_mode = WAL2\`);
        }
      `,
    },
    {
      name: 'a PRAGMA in a comment or a string',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        db.exec("/* PRAGMA journal_mod = WAL */ INSERT INTO t VALUES ('PRAGMA journal_mode = WAL2')");
      `,
    },
    {
      name: 'options of an own class',
      code: `
        import { Database } from './database';
        export const db = new Database('sqlite', { busyTimeout: 5000 });
      `,
    },
  ],
  invalid: [
    {
      name: 'node:sqlite ignores readonly, so that the write goes through',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = new DatabaseSync('app.db', { «readonly: true» });
      `,
      errors: [
        { messageId: 'ignored', data: { driver: 'node:sqlite', option: 'readonly', instead: 'Use `readOnly`.' } },
      ],
    },
    {
      name: 'libsql has no read-only option under either name, and no fileMustExist',
      code: `
        const Database = require('libsql');
        exports.db = new Database('app.db', { «readonly: true», «readOnly: true», «fileMustExist: true» });
      `,
      file: 'main.cjs',
      errors: [
        { messageId: 'ignored', data: { driver: 'libsql', option: 'readonly', instead: NO_SUCH_OPTION } },
        { messageId: 'ignored', data: { driver: 'libsql', option: 'readOnly', instead: NO_SUCH_OPTION } },
        { messageId: 'ignored', data: { driver: 'libsql', option: 'fileMustExist', instead: NO_SUCH_OPTION } },
      ],
    },
    {
      name: 'the timeout of better-sqlite3 has another name',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db', { «busyTimeout: 5000» });
      `,
      errors: [
        { messageId: 'ignored', data: { driver: 'better-sqlite3', option: 'busyTimeout', instead: 'Use `timeout`.' } },
      ],
    },
    {
      name: 'bun:sqlite has no option for the timeout',
      code: `
        import { Database } from 'bun:sqlite';
        export const db = new Database('app.db', { «timeout: 5000» });
      `,
      file: 'main.js',
      errors: [
        {
          messageId: 'ignored',
          data: {
            driver: 'bun:sqlite',
            option: 'timeout',
            instead: 'It has no such option: run `PRAGMA busy_timeout` with the milliseconds after opening.',
          },
        },
      ],
    },
    {
      name: 'the promise interface opens for reading by its mode',
      code: `
        import sqlite3 from 'sqlite3';
        import { open } from 'sqlite';
        export const connect = () => open({ filename: 'app.db', driver: sqlite3.Database, «readonly: true» });
      `,
      errors: [{ messageId: 'ignored', data: { driver: 'sqlite', option: 'readonly', instead: 'Use `mode`.' } }],
    },
    {
      name: '@libsql/client has no read-only option',
      code: `
        import { createClient } from '@libsql/client';
        export const client = createClient({ url: 'file:app.db', «readonly: true» });
      `,
      errors: [
        { messageId: 'ignored', data: { driver: '@libsql/client', option: 'readonly', instead: NO_SUCH_OPTION } },
      ],
    },
    {
      name: 'an option with a slip of the pen',
      code: `
        import Database from 'better-sqlite3';
        export const db = new Database('app.db', { «timeOut: 5000» });
      `,
      errors: [{ messageId: 'misspelt', data: { driver: 'better-sqlite3', option: 'timeOut', meant: 'timeout' } }],
    },
    {
      name: 'options in a variable, reported where they are named',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const options = { «readonly: true» };
        export const db = new DatabaseSync('app.db', options);
      `,
      errors: [
        { messageId: 'ignored', data: { driver: 'node:sqlite', option: 'readonly', instead: 'Use `readOnly`.' } },
      ],
    },
    {
      name: 'a journal mode that SQLite does not have',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        «db.pragma('journal_mode = WAL2')»;
      `,
      errors: [{ messageId: 'value', data: { name: 'journal_mode', value: 'wal2', instead: 'Did you mean `wal`?' } }],
    },
    {
      name: 'a value that is like none, with the values that there are',
      code: `
        import Database from 'better-sqlite3';
        const db = new Database('app.db');
        «db.pragma('synchronous = sometimes')»;
      `,
      errors: [
        {
          messageId: 'value',
          data: {
            name: 'synchronous',
            value: 'sometimes',
            instead: 'It knows `off`, `normal`, `full`, `extra`.',
          },
        },
      ],
    },
    {
      name: 'a misspelt PRAGMA, with the keyword and a schema',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        const db = new DatabaseSync('app.db');
        «db.exec('PRAGMA main.journal_mod = WAL')»;
      `,
      errors: [{ messageId: 'pragma', data: { name: 'journal_mod', meant: 'journal_mode' } }],
    },
    {
      name: 'a misspelt PRAGMA of a prepared statement',
      code: `
        import { Database } from 'bun:sqlite';
        const db = new Database('app.db');
        «db.query('PRAGMA busy_timeuot = 5000').run()»;
      `,
      file: 'main.mjs',
      errors: [{ messageId: 'pragma', data: { name: 'busy_timeuot', meant: 'busy_timeout' } }],
    },
    {
      name: 'tests are checked as well: what is ignored is ignored there too',
      code: `
        import { DatabaseSync } from 'node:sqlite';
        export const db = new DatabaseSync('app.db', { «readonly: true» });
      `,
      file: 'tests/open.ts',
      errors: [
        { messageId: 'ignored', data: { driver: 'node:sqlite', option: 'readonly', instead: 'Use `readOnly`.' } },
      ],
    },
  ],
});

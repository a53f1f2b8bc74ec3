/**
 * Other libraries that write transactions to SQLite, doing the same work: drizzle and Effect sql over better-sqlite3, knex over
 * sqlite3, each with WAL, the same busy timeout where it can be set, and an immediate transaction where it has one. Not
 * compared: @powersync/node (1.1), whose extension is loaded from another place than the registry when it is installed.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.cache/peers');

/** Milliseconds. */
const PATIENCE = 20_000;

/** Installs the libraries where they are missing; throws where that does not work. */
export function installPeers() {
  if (['knex', 'drizzle-orm', 'effect'].every((name) => existsSync(join(folder, 'node_modules', name)))) return;
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, 'bench/contention/peers/package.json'), join(folder, 'package.json'));
  const { status, error } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'],
    {
      cwd: folder,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) throw new Error(`The peers could not be installed${error ? `: ${error.message}` : ''}.`);
  // One of them brings the driver, which is not built there: that of this repository is found in its place.
  rmSync(join(folder, 'node_modules/better-sqlite3'), { recursive: true, force: true });
}

/** A module of a peer; the drivers are those of this repository, which the folder lies in. */
async function load(specifier) {
  const path = createRequire(join(folder, 'package.json')).resolve(specifier);
  return import(pathToFileURL(path).href);
}

async function drizzle(file, { hold, process }) {
  const [{ default: Database }, layer, { sql }] = await Promise.all([
    import('better-sqlite3'),
    load('drizzle-orm/better-sqlite3'),
    load('drizzle-orm'),
  ]);
  const client = new Database(file, { timeout: PATIENCE });
  client.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  const db = layer.drizzle(client);
  return {
    transact: (begun) =>
      db.transaction(
        (tx) => {
          begun();
          const { n } = tx.get(sql`SELECT n FROM counter`);
          if (hold > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, hold);
          tx.run(sql`UPDATE counter SET n = ${n + 1}`);
          tx.run(sql`INSERT INTO ledger (process, n) VALUES (${process}, ${n + 1})`);
        },
        { behavior: 'immediate' },
      ),
    close: () => client.close(),
  };
}

/** knex has no immediate transactions: it begins a deferred one. */
async function knex(file, { hold, process }) {
  const { default: connect } = await load('knex');
  const db = connect({
    client: 'sqlite3',
    connection: { filename: file },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate: (connection, done) => {
        connection.configure('busyTimeout', PATIENCE);
        connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL', (error) => done(error, connection));
      },
    },
  });
  return {
    transact: (begun) =>
      db.transaction(async (trx) => {
        begun();
        const { n } = await trx('counter').first('n');
        if (hold > 0) await pause(hold);
        await trx('counter').update({ n: n + 1 });
        await trx('ledger').insert({ process, n: n + 1 });
      }),
    close: () => db.destroy(),
  };
}

/** Effect sql sets WAL itself, begins a deferred transaction, and leaves the busy timeout as the driver has it. */
async function effect(file, { hold, process }) {
  const [{ SqliteClient }, { Effect, ManagedRuntime }] = await Promise.all([
    load('@effect/sql-sqlite-node'),
    load('effect'),
  ]);
  const runtime = ManagedRuntime.make(SqliteClient.layer({ filename: file }));
  const transaction = (begun) =>
    Effect.gen(function* () {
      const sql = yield* SqliteClient.SqliteClient;
      yield* sql`PRAGMA busy_timeout = ${sql.literal(String(PATIENCE))}`;
      yield* sql.withTransaction(
        Effect.gen(function* () {
          begun();
          const [{ n }] = yield* sql`SELECT n FROM counter`;
          if (hold > 0) yield* Effect.promise(() => pause(hold));
          yield* sql`UPDATE counter SET n = ${n + 1}`;
          yield* sql`INSERT INTO ledger (process, n) VALUES (${process}, ${n + 1})`;
        }),
      );
    });
  return {
    transact: (begun) => runtime.runPromise(transaction(begun)),
    close: () => runtime.dispose(),
  };
}

export const PEERS = {
  'better-sqlite3': { 'drizzle, immediate': drizzle, 'Effect sql': effect },
  sqlite: { knex },
};

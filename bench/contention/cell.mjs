// One cell of the benchmark: so many processes that write to one file in one way.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { fairness, quantile } from './statistics.mjs';

const worker = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** Time for all processes to have opened the file. */
const WARM_UP = 400;

/** Runs a cell: `{ driver, arm, processes, hold, milliseconds }`. */
export async function runCell(cell) {
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-contention-'));
  const file = join(folder, 'app.db');
  try {
    prepare(file);
    let walPeak = 0;
    const watch = setInterval(() => {
      walPeak = Math.max(walPeak, statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0);
    }, 20);
    const starts = Date.now() + WARM_UP + cell.processes * 60;
    const results = await Promise.all(
      Array.from({ length: cell.processes }, (_, process) => run({ ...cell, file, process, starts })),
    );
    clearInterval(watch);
    return { ...cell, ...summed(results, cell.milliseconds), walPeak, broken: broken(file, results) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function prepare(file) {
  const db = new Database(file);
  try {
    db.exec('CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0)');
    db.exec('CREATE TABLE ledger (id INTEGER PRIMARY KEY, process INTEGER, n INTEGER)');
  } finally {
    db.close();
  }
}

function run(cell) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [worker, JSON.stringify(cell)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, errors] = ['', ''];
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(out));
      else reject(new Error(`A process of ${cell.driver}, ${cell.arm} ended with ${code}: ${errors}`));
    });
  });
}

function summed(results, milliseconds) {
  const waits = results.flatMap((result) => result.waits).sort((one, other) => one - other);
  const commits = results.reduce((sum, result) => sum + result.commits, 0);
  const errors = {};
  for (const result of results)
    for (const [code, count] of Object.entries(result.errors)) errors[code] = (errors[code] ?? 0) + count;
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
  return {
    commits,
    perSecond: commits / (milliseconds / 1000),
    errors,
    errorRate: failed / Math.max(1, failed + commits),
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
    p999: quantile(waits, 0.999),
    max: waits.at(-1) ?? 0,
    loopDelay: Math.max(...results.map((result) => result.loopDelay)),
    fairness: fairness(results.map((result) => result.commits)),
  };
}

/** What the processes left in the file. */
function left(file) {
  const db = new Database(file, { readonly: true });
  try {
    return {
      ...db.prepare('SELECT n FROM counter').get(),
      ...db.prepare('SELECT count(*) AS rows, count(DISTINCT n) AS numbers FROM ledger').get(),
      integrity: db.pragma('integrity_check', { simple: true }),
    };
  } finally {
    db.close();
  }
}

/** What must hold whatever happened: each commit counted once, in order, and the file sound. */
function broken(file, results) {
  const { n, rows, numbers, integrity } = left(file);
  const commits = results.reduce((sum, result) => sum + result.commits, 0);
  const problems = [];
  if (n !== commits) problems.push(`the counter is ${n} after ${commits} commits`);
  if (rows !== commits || numbers !== commits) problems.push(`the ledger has ${rows} lines, ${numbers} different ones`);
  if (integrity !== 'ok') problems.push(`integrity_check says ${integrity}`);
  return problems;
}

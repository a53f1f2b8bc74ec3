// Preloaded into every process of the example: measures the longest time that it waited for a database, and adds it to the
// file LONGEST_WAIT as a line when the process ends. What counts is how long a call of the driver took, in which SQLite waits
// by itself, and how long a transaction of the wrapper waited for its lock, which it asks for again and again.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import sqlite3 from 'sqlite3';

let longest = 0;

for (const name of ['run', 'get', 'all', 'exec']) {
  const original = sqlite3.Database.prototype[name];
  sqlite3.Database.prototype[name] = function (...args) {
    const callback = args.at(-1);
    const started = performance.now();
    const answer = function (...results) {
      waited(performance.now() - started);
      return callback.apply(this, results);
    };
    return original.apply(this, typeof callback === 'function' ? [...args.slice(0, -1), answer] : args);
  };
}
subscribe('unbusy:acquire', ({ hold }) => waited(hold.waited));
subscribe('unbusy:giveup', ({ duration }) => waited(duration));
process.on('exit', () => {
  if (longest > 0) appendFileSync(process.env.LONGEST_WAIT, `${Math.round(longest)}\n`);
});

function waited(milliseconds) {
  longest = Math.max(longest, milliseconds);
}

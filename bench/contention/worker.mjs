// A process of the benchmark: node bench/contention/worker.mjs CELL, where CELL is JSON. Prints what it measured, as JSON.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { ARMS } from './arms.mjs';
import { PEERS } from './peers.mjs';

const cell = JSON.parse(process.argv[2]);
const { file, driver, arm, process: number, starts, milliseconds, think } = cell;
const errors = {};
const waits = [];
let commits = 0;

const connection = await opened();
await pause(Math.max(0, starts - Date.now()));
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const end = performance.now() + milliseconds;
while (connection && performance.now() < end) {
  const asked = performance.now();
  let begun = asked;
  try {
    await connection.transact(() => {
      begun = performance.now();
    });
    waits.push(begun - asked);
    commits += 1;
  } catch (error) {
    failed(error);
    // A naive program goes on with its next piece of work.
    await pause(1);
  }
  // Between two pieces of work, a program thinks: sometimes for long, mostly not.
  if (think > 0) await pause(-Math.log(1 - Math.random()) * think);
  else await turn();
}
delay.disable();
await connection?.close();
console.log(JSON.stringify({ process: number, commits, errors, waits, loopDelay: delay.percentile(99) / 1e6 }));

async function opened() {
  try {
    return await { ...ARMS[driver], ...PEERS[driver] }[arm](file, cell);
  } catch (error) {
    failed(error);
    return null;
  }
}

function failed(error) {
  const code = error.code ?? error.name;
  errors[code] = (errors[code] ?? 0) + 1;
}

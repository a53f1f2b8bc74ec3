// npm run bench:contention -- [--quick] [--peers] [--rounds N] [--milliseconds N] [--json FILE]
// Several processes write to one file: the driver as it comes, what its documentation recommends, and the wrapper.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ARMS } from './arms.mjs';
import { installPeers, PEERS } from './peers.mjs';
import { runCell } from './cell.mjs';
import { printBars, printTable, together } from './report.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    milliseconds: { type: 'string' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
const milliseconds = Number(values.milliseconds ?? (values.quick ? 500 : 4000));

/** Processes, milliseconds that a transaction holds the lock, and milliseconds between two, on the average. */
const PLACES = values.quick
  ? [{ processes: 4, hold: 2, think: 5 }]
  : [
      { processes: 1, hold: 0, think: 0 },
      { processes: 4, hold: 0, think: 0 },
      { processes: 4, hold: 2, think: 5 },
      // Longer, as each of them commits seldom: a few more or less would look unfair.
      { processes: 16, hold: 2, think: 60, times: 3 },
    ];

if (values.peers) installPeers();
else console.log('Without --peers, other libraries (drizzle, Effect sql, knex) are not compared.');
console.log(`Node ${process.version}, ${rounds} rounds of ${milliseconds} ms, milliseconds everywhere`);
const cells = [];
for (const place of PLACES) {
  for (const [driver, own] of Object.entries(ARMS)) {
    const arms = values.peers ? { ...own, ...PEERS[driver] } : own;
    const measured = Object.fromEntries(Object.keys(arms).map((arm) => [arm, []]));
    // In turn, so that a machine that is busy for a while slows all of them alike.
    for (let round = 0; round < rounds; round += 1)
      for (const arm of Object.keys(arms))
        measured[arm].push(await runCell({ driver, arm, ...place, milliseconds: milliseconds * (place.times ?? 1) }));
    const row = Object.values(measured).map(together);
    cells.push(...row);
    printTable(`${driver}, ${place.processes} processes, lock held for ${place.hold} ms`, row);
  }
}
printBars(cells);
if (values.json) writeFileSync(values.json, `${JSON.stringify(cells, null, 2)}\n`);
process.exitCode = cells.some(({ broken }) => broken.length > 0) ? 1 : 0;

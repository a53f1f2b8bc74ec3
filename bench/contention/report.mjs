import { median } from './statistics.mjs';

const COLUMNS = [
  ['arm', (cell) => cell.arm, 18],
  ['errors', (cell) => `${(cell.errorRate * 100).toFixed(1)}%`, 8],
  ['commits/s', (cell) => cell.perSecond.toFixed(0), 10],
  ['p50', (cell) => milliseconds(cell.p50), 8],
  ['p99', (cell) => milliseconds(cell.p99), 8],
  ['p999', (cell) => milliseconds(cell.p999), 8],
  ['max', (cell) => milliseconds(cell.max), 8],
  ['loop p99', (cell) => milliseconds(cell.loopDelay), 9],
  ['fairness', (cell) => cell.fairness.toFixed(3), 9],
  ['WAL peak', (cell) => `${(cell.walPeak / 1024).toFixed(0)} KiB`, 11],
];

/** Several rounds of a cell as one: the median of each figure, the errors and what is broken of all. */
export function together(rounds) {
  const [first] = rounds;
  const numbers = Object.keys(first).filter((name) => typeof first[name] === 'number');
  return {
    ...first,
    ...Object.fromEntries(numbers.map((name) => [name, median(rounds.map((round) => round[name]))])),
    broken: rounds.flatMap((round) => round.broken),
  };
}

export function printTable(title, cells) {
  console.log(`\n${title}`);
  console.log(COLUMNS.map(([name, , width], index) => pad(name, width, index)).join(''));
  for (const cell of cells) {
    console.log(COLUMNS.map(([, value, width], index) => pad(value(cell), width, index)).join(''));
    for (const problem of cell.broken) console.log(`  BROKEN: ${problem}`);
  }
}

/** How ours compares with what the documentation recommends, where the lock is fought for most. */
export function printBars(cells) {
  const most = Math.max(...cells.map(({ processes }) => processes));
  console.log(`\nBars, with ${most} processes`);
  const busiest = cells.filter(({ processes, hold }) => processes === most && hold > 0);
  for (const driver of new Set(busiest.map((cell) => cell.driver))) {
    const of = (arm) => busiest.find((cell) => cell.driver === driver && cell.arm === arm);
    const [ours, native] = [of('unbusy'), of('... + IMMEDIATE')];
    if (!ours || !native) continue;
    bar(`${driver}: errors`, ours.errorRate, 0, (value) => `${(value * 100).toFixed(1)}%`);
    bar(`${driver}: p99 of the wait, of BEGIN IMMEDIATE's`, ours.p99 / native.p99, 1 / 4);
    bar(`${driver}: p999`, ours.p999 / native.p999, 1 / 5);
    bar(`${driver}: event loop delay, p99`, ours.loopDelay - ours.hold, 10, milliseconds);
    atLeast(`${driver}: fairness`, ours.fairness, 0.99);
  }
}

function bar(name, value, most, format = (number) => number.toFixed(3)) {
  console.log(`  ${value <= most ? 'met   ' : 'MISSED'} ${name}: ${format(value)} (at most ${format(most)})`);
}

function atLeast(name, value, least) {
  console.log(`  ${value >= least ? 'met   ' : 'MISSED'} ${name}: ${value.toFixed(3)} (at least ${least})`);
}

function milliseconds(value) {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

function pad(text, width, index) {
  return index === 0 ? text.padEnd(width) : text.padStart(width);
}

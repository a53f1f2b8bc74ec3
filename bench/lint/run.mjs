// npm run bench:lint -- [--rounds N]
// Measures what our rules add to linting, side by side with ten comparable rules of ESLint. Needs the built plugin.
import { parseArgs } from 'node:util';
import { measureRound } from './measure.mjs';
import { reportBar, reportGroup } from './report.mjs';
import { quantile } from './statistics.mjs';
import { samplesOfCases, samplesOfPackages, samplesWithoutSqlite } from './samples.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);

const groups = {
  'Without SQLite (node_modules)': samplesWithoutSqlite(),
  'With SQLite (tests/cases)': samplesOfCases(),
  'With SQLite (published packages)': samplesOfPackages(),
};
console.log(`Node ${process.version}, ${rounds} rounds after a first one`);
const measured = Object.fromEntries(Object.keys(groups).map((title) => [title, []]));
for (let round = 0; round <= rounds; round += 1) {
  for (const [title, samples] of Object.entries(groups)) measured[title].push(measureRound(samples, round));
}

const figures = Object.entries(groups).map(([title, samples]) => reportGroup(title, samples, measured[title]));
const [without, cases, packages] = figures;
console.log('\nBars');
reportBar('mean of a file without SQLite, look-ups in other modules apart', without.own, 0.02, 'ms');
reportBar('95th percentile of a file with SQLite', quantile([...cases.unbusy, ...packages.unbusy], 0.95), 1, 'ms');
reportBar('  of them tests/cases', quantile(cases.unbusy, 0.95), 1, 'ms');
reportBar('  of them published packages', quantile(packages.unbusy, 0.95), 1, 'ms');
for (const [index, title] of Object.keys(groups).entries()) {
  reportBar(`look-ups, share of lint time: ${title}`, figures[index].lookUpShare * 100, 5, '%');
}

// Prints what was measured. Which figure stands against which bar is told in bench/README.md.
import { mean, median, medians, quantile, sum } from './statistics.mjs';
import { VARIANTS } from './variants.mjs';

/** `rounds` as measureRound() gives them; the first was a warm-up and is shown apart. */
export function reportGroup(title, samples, [first, ...rounds]) {
  const bytes = sum(samples.map(({ text }) => text.length));
  console.log(`\n${title}: ${samples.length} files, ${(bytes / samples.length / 1000).toFixed(1)} kB on average`);

  const unbusy = medians(rounds.map(totals('unbusy')));
  const lookUps = medians(rounds.map((round) => round.lookUps));
  const own = unbusy.map((time, index) => Math.max(0, time - lookUps[index]));
  const comparable = medians(rounds.map(totals('comparable')));
  console.log(`${'rule work, ms per file'.padEnd(44)}       mean     median        p95        max`);
  printRow('unbusy, all rules', unbusy);
  printRow('  of it look-ups in other modules', lookUps);
  printRow('  without them', own);
  printRow('  all rules, first round (cold process)', totals('unbusy')(first));
  printRow('ten comparable rules', comparable);
  for (const rule of Object.keys(VARIANTS.comparable.rules)) {
    printRow(`  ${rule}`, medians(rounds.map((round) => round.rules.comparable.map((rules) => rules[rule] ?? 0))));
  }

  console.log('the whole of linting');
  for (const name of Object.keys(VARIANTS)) {
    const ratio = quantile(
      rounds.map(({ lint }) => sum(lint[name]) / sum(lint['no rules'])),
      0.5,
    );
    printRow(`${name} (${ratio.toFixed(3)} of no rules)`, medians(rounds.map(({ lint }) => lint[name])));
  }
  const lookUpShare = quantile(
    rounds.map(({ lint, lookUps }) => sum(lookUps) / sum(lint.unbusy)),
    0.5,
  );
  return { own: mean(own), unbusy, lookUpShare };
}

/** Milliseconds of all rules of a variant by file, in one round. */
function totals(variant) {
  return (round) => round.rules[variant].map((rules) => sum(Object.values(rules)));
}

function printRow(title, times) {
  const figures = [mean(times), median(times), quantile(times, 0.95), Math.max(...times)];
  console.log(title.padEnd(44) + figures.map((figure) => figure.toFixed(4).padStart(11)).join(''));
}

export function reportBar(title, value, bar, unit) {
  const verdict = value <= bar ? 'kept' : 'missed';
  console.log(`${title.padEnd(70)}${value.toFixed(4)} ${unit}, at most ${bar} ${unit}: ${verdict}`);
}

// Lints samples with each variant, in turn, and keeps the times.
import { performance } from 'node:perf_hooks';
import { Linter } from 'eslint';
import { forgetModules, problems } from '../../dist/src/analysis/index.js';
import { SOURCES } from '../../scripts/source-files.mjs';
import { lookUpTime } from './look-ups.mjs';
import { VARIANTS } from './variants.mjs';

const linters = new Map();

/**
 * One round over the samples, as one run of the linter that starts without knowing any module. In milliseconds:
 * `lint` is the whole of linting a file, by variant; `rules` the part of each rule, by variant and rule; `lookUps` the
 * part of our rules' time that went into other modules.
 */
export function measureRound(samples, round) {
  return { lint: lintTimes(samples, round), ...ruleTimes(samples) };
}

/** The linter's own stopwatches are off, as they cost more than some rules. */
function lintTimes(samples, round) {
  forgetModules();
  const names = Object.keys(VARIANTS);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (const [index, sample] of samples.entries()) {
    for (const position of names.keys()) {
      // No variant is always the first, which finds the caches cold.
      const name = names[(position + index + round) % names.length];
      const start = performance.now();
      lint(sample, name, false);
      times[name][index] = performance.now() - start;
    }
  }
  return times;
}

function ruleTimes(samples) {
  forgetModules();
  const rules = { unbusy: [], comparable: [] };
  const lookUps = [];
  for (const sample of samples) {
    lookUps.push(lookUpTime(sample.file, () => rules.unbusy.push(lint(sample, 'unbusy', true))));
    rules.comparable.push(lint(sample, 'comparable', true));
  }
  return { rules, lookUps };
}

/** Lints a file; gives milliseconds by rule where asked to take `stats`. */
function lint({ project, file, text, languageOptions }, variant, stats) {
  const linter = linterOf(project);
  const config = [{ ignores: ['!**/node_modules/'] }, { files: [SOURCES], languageOptions }, VARIANTS[variant]];
  linter.verifyAndFix(text, config, { filename: file, allowInlineConfig: false, fix: false, stats });
  if (problems.length > 0) throw new Error(`the analysis of ${file} failed`, { cause: problems[0] });
  if (!stats) return {};
  const [pass] = linter.getTimes().passes;
  return Object.fromEntries(Object.entries(pass.rules ?? {}).map(([rule, { total }]) => [rule, total]));
}

function linterOf(project) {
  let linter = linters.get(project);
  if (!linter) linters.set(project, (linter = new Linter({ cwd: project })));
  return linter;
}

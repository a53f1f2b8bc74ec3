import { createRule, type Report } from '../src/rule.ts';
import { nearest, nearestPragma, wrongValue } from '../src/analysis/sql/pragmas.ts';
import type { OpenFact } from '../src/analysis/facts.ts';

export default createRule({
  name: 'valid-open-options',
  description: 'Disallow options and PRAGMAs that the driver or SQLite ignores without a word',
  presets: ['recommended', 'strict'],
  inTests: true,
  messages: {
    ignored: '{{driver}} ignores the option `{{option}}` without an error. {{instead}}',
    misspelt:
      '{{driver}} does not know the option `{{option}}` and ignores it without an error. Did you mean `{{meant}}`?',
    pragma: 'SQLite does not know `PRAGMA {{name}}` and ignores it without an error. Did you mean `{{meant}}`?',
    value:
      'SQLite does not know `{{value}}` as a value of `PRAGMA {{name}}`: without an error, it keeps the value that it has or takes another one. {{instead}}',
  },
  defaults: {},
  report(facts, report) {
    for (const open of facts.opens) reportOptions(open, report);
    for (const { site, pragma } of facts.pragmas) {
      if (pragma.name === null) continue;
      const meant = nearestPragma(pragma.name);
      if (meant) report(site, 'pragma', { name: pragma.name, meant });
      if (typeof pragma.value !== 'string') continue;
      const wrong = wrongValue(pragma.name, pragma.value);
      if (!wrong) continue;
      const instead = wrong.meant
        ? `Did you mean \`${wrong.meant}\`?`
        : `It knows ${wrong.allowed.map((value) => `\`${value}\``).join(', ')}.`;
      report(site, 'value', { name: pragma.name, value: pragma.value, instead });
    }
  },
});

function reportOptions({ driver, options }: OpenFact, report: Report): void {
  for (const { name, site } of options) {
    const instead = driver.ignoredOptions[name];
    if (instead !== undefined) {
      report(site, 'ignored', {
        driver: driver.id,
        option: name,
        instead: instead === null ? withoutOption(name) : `Use \`${instead}\`.`,
      });
      continue;
    }
    const names = Object.keys(driver.options);
    if (names.length === 0 || names.includes(name) || driver.refusedOptions?.includes(name)) continue;
    const meant = nearest(name, names);
    if (meant) report(site, 'misspelt', { driver: driver.id, option: name, meant });
  }
}

function withoutOption(name: string): string {
  return /time_?out/i.test(name)
    ? 'It has no such option: run `PRAGMA busy_timeout` with the milliseconds after opening.'
    : 'It has no such option.';
}

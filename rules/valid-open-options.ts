import { createRule, type Report } from '../src/rule.ts';
import { nearest, nearestPragma, wrongValue } from '../src/analysis/sql/pragmas.ts';
import { renameOption, renamePragma, replaceValue } from '../src/rewrites/spelling.ts';
import { givesMeaning, openSafely } from '../src/rewrites/open.ts';
import { isRewrite, withdrawn } from '../src/rewrites/rewrite.ts';
import { wrapperFor } from '../src/rewrites/wrapper.ts';
import type { Rule } from 'eslint';
import type { OpenFact } from '../src/analysis/facts.ts';

export default createRule({
  name: 'valid-open-options',
  description: 'Disallow options and PRAGMAs that the driver or SQLite ignores without a word',
  presets: ['recommended', 'strict'],
  inTests: true,
  rewrites: ['renameOption', 'renamePragma', 'replaceValue', 'openSafely'],
  messages: {
    ignored: '{{driver}} ignores the option `{{option}}` without an error. {{instead}}',
    misspelt:
      '{{driver}} does not know the option `{{option}}` and ignores it without an error. Did you mean `{{meant}}`?',
    pragma: 'SQLite does not know `PRAGMA {{name}}` and ignores it without an error. Did you mean `{{meant}}`?',
    value:
      'SQLite does not know `{{value}}` as a value of `PRAGMA {{name}}`: without an error, it keeps the value that it has or takes another one. {{instead}}',
  },
  defaults: {},
  report(facts, report, _, context) {
    for (const open of facts.opens) reportOptions(open, report, context);
    for (const { site, pragma, driver } of facts.pragmas) {
      if (pragma.name === null) continue;
      const meant = nearestPragma(pragma.name);
      const { name } = pragma;
      if (meant)
        report(site, 'pragma', { name, meant, driver: driver.id }, (source) => [
          renamePragma(source, site.node, name, meant),
        ]);
      if (typeof pragma.value !== 'string') continue;
      const wrong = wrongValue(pragma.name, pragma.value);
      if (!wrong) continue;
      const value = wrong.meant;
      const instead = value
        ? `Did you mean \`${value}\`?`
        : `It knows ${wrong.allowed.map((value) => `\`${value}\``).join(', ')}.`;
      report(site, 'value', { name, value: pragma.value, instead, driver: driver.id }, (source) => [
        value ? replaceValue(source, site.node, pragma, value) : withdrawn('several-values'),
      ]);
    }
  },
});

function reportOptions(open: OpenFact, report: Report, context: Rule.RuleContext): void {
  const { driver, options } = open;
  for (const { name, site } of options) {
    const instead = driver.ignoredOptions[name];
    if (instead !== undefined) {
      const advice =
        instead === null ? withoutOption(name) : `Use \`${typeof instead === 'string' ? instead : instead.opposite}\`.`;
      report(site, 'ignored', { driver: driver.id, option: name, instead: advice }, (source) => {
        if (typeof instead === 'string') return [renameOption(source, site.node, instead)];
        if (instead !== null) return [withdrawn('opposite-option')];
        const safely = givesMeaning(name) ? openSafely(source, open, wrapperFor(context, driver)) : null;
        return [safely && isRewrite(safely) ? safely : withdrawn('no-such-option')];
      });
      continue;
    }
    const names = Object.keys(driver.options);
    if (names.length === 0 || names.includes(name) || driver.refusedOptions?.includes(name)) continue;
    const meant = nearest(name, names);
    if (meant)
      report(site, 'misspelt', { driver: driver.id, option: name, meant }, (source) => [
        renameOption(source, site.node, meant),
      ]);
  }
}

function withoutOption(name: string): string {
  return /time_?out/i.test(name)
    ? 'It has no such option: run `PRAGMA busy_timeout` with the milliseconds after opening.'
    : 'It has no such option.';
}

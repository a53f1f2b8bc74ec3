import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import plugin from '../../src/index.ts';
import { TITLES, type Title } from '../../src/rewrites/titles.ts';
import { examplesOf, lintExample } from './examples.ts';
import { DOCS, pages, readPage, tableIn, textUnder } from './markdown.ts';

const { rules, configs } = plugin;
const RECOMMENDED = configs.recommended.rules ?? {};

const PAGES = pages(join(DOCS, 'rules')).map(readPage);

test('every rule has a page and every page a rule', () => {
  expect(PAGES.map(({ name }) => name).sort()).toEqual(Object.keys(rules).sort());
});

const DOCUMENTED = PAGES.flatMap((page) => {
  const rule = rules[page.name];
  return rule?.meta ? [{ name: page.name, page, meta: rule.meta, strictOptions: rule.strictOptions }] : [];
});

describe.each(DOCUMENTED)('the page of $name', ({ name, page, meta, strictOptions }) => {
  const titles = Object.keys(meta.messages ?? {}).filter((id): id is Title => id in TITLES);
  const only = { [`unbusy/${name}`]: 'error' } as const;
  const examples = examplesOf(page).map((fence) => ({ line: fence.line, fence }));
  const under = (heading: string): typeof examples => examples.filter(({ fence }) => fence.under[1] === heading);

  test('begins with the name, the description and the configs of the rule', () => {
    const lines = page.prose.filter((line) => line !== '');
    const presets = Object.entries(configs).filter(([, config]) => `unbusy/${name}` in (config.rules ?? {}));
    expect(lines.slice(0, 3)).toEqual([
      `# ${name}`,
      `${meta.docs?.description ?? ''}.`,
      `Configs: ${presets.map(([preset]) => `\`${preset}\``).join(', ')}.`,
    ]);
  });

  test('has the sections of a rule page in their order', () => {
    const options = meta.defaultOptions?.length ? ['Options'] : [];
    expect(page.headings.filter(({ level }) => level === 2).map(({ text }) => text)).toEqual([
      'Why it locks',
      'Reports',
      'Stays silent',
      ...options,
      'What to do',
      ...(titles.length > 0 ? ['Fixes'] : []),
      'Limits',
      'Related',
    ]);
  });

  test('has a table of the options, their defaults, what `strict` sets and what they mean', () => {
    const [schema] = meta.schema as { properties: Record<string, { description: string }> }[];
    const [defaults = {}] = (meta.defaultOptions ?? []) as Record<string, unknown>[];
    const strict = { ...defaults, ...strictOptions } as Record<string, unknown>;
    const expected = Object.entries(schema?.properties ?? {}).map(([option, { description }]) => [
      `\`${option}\``,
      `\`${JSON.stringify(defaults[option])}\``,
      `\`${JSON.stringify(strict[option])}\``,
      description,
    ]);
    expect(tableIn(textUnder(page, 'Options'))).toEqual(expected);
  });

  test('has a section of docs/locking.md that leads here', () => {
    expect(page.links.some((link) => link.startsWith('../locking.md#'))).toBe(true);
    expect(readPage(join(DOCS, 'locking.md')).links).toContain(`rules/${name}.md`);
  });

  test.each(examples)('the example of line $line is reported on its marked lines alone', ({ fence }) => {
    const { reported, marked } = lintExample(page, fence, only);
    expect(reported).toEqual(marked);
  });

  test.each(under('Reports').filter(({ fence }) => fence.name === null))(
    'the example of line $line reports something',
    ({ fence }) => {
      expect(lintExample(page, fence, only).reported).not.toEqual([]);
    },
  );

  test.each([...under('Stays silent'), ...under('What to do')])(
    'the example of line $line is clean under all rules of `recommended`',
    ({ fence }) => {
      expect(lintExample(page, fence, RECOMMENDED).reported).toEqual([]);
    },
  );

  test('shows an example of every message', () => {
    const shown = new Set(examples.flatMap(({ fence }) => [...lintExample(page, fence, only).messageIds]));
    const messages = Object.keys(meta.messages ?? {}).filter((id) => !(id in TITLES));
    expect([...shown].sort()).toEqual(messages.sort());
  });

  test.runIf(titles.length > 0)('lists what its fixes and suggestions do, in their words', () => {
    const rows = tableIn(textUnder(page, 'Fixes'));
    expect(rows.map(([title]) => title)).toEqual(titles.map((title) => TITLES[title]));
    for (const [, kind] of rows) expect(kind).toMatch(/^(?:fix|suggestion|fix or suggestion): /);
  });
});

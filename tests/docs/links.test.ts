import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DOCS, pages, readPage } from './markdown.ts';

describe.each(pages().map((path) => ({ path, name: relative(DOCS, path) })))('$name', ({ path }) => {
  const page = readPage(path);
  const links = page.links.filter((link) => !/^[a-z]+:/.test(link));

  test('has one title, and no two headings with the same anchor', () => {
    expect(page.headings.filter(({ level }) => level === 1)).toHaveLength(1);
    const anchors = page.headings.map(({ anchor }) => anchor);
    expect(anchors).toEqual([...new Set(anchors)]);
  });

  test.each(links)('%s leads to a file and a heading', (link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : resolve(dirname(path), file);
    expect(existsSync(target)).toBe(true);
    if (anchor === undefined) return;
    expect(readPage(target).headings.map((heading) => heading.anchor)).toContain(anchor);
  });
});

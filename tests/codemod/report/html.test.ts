import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { htmlReport } from '../../../src/codemod/report/html.ts';
import { exampleRun } from './real-runs.ts';
import { file, LEFT, run, site } from './runs.ts';
import type { Run } from '../../../src/codemod/model.ts';

const require = createRequire(import.meta.url);

const AFTER = 'import Database from "better-sqlite3";\nconst db = new Database("app.db");\ntry {} finally {}\n';
const RUN = run([
  file('src/<b>bold</b>.ts', [site({ message: 'A `code` & <script>document.title = "hacked"</script>' })], {
    after: AFTER,
  }),
  file('src/queue.ts', [site({ line: 3, rule: 'require-rollback', outcome: LEFT, within: 'Queue.claim' })]),
]);

/** The package has the browser for this platform alone. */
const hasBrowser = process.platform === 'linux' && process.arch === 'x64';

describe.skipIf(!hasBrowser)('the page in a browser, which npm has for Linux on x64', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-html-'));
  const requests: string[] = [];
  const errors: string[] = [];
  let browser: Browser;
  let page: Page;

  async function open(run: Run): Promise<void> {
    const path = join(folder, 'report.html');
    writeFileSync(path, htmlReport(run));
    await page.goto(pathToFileURL(path).href);
  }

  beforeAll(async () => {
    browser = await playwright.launch({
      executablePath: await chromium.executablePath(),
      // Not the arguments of the package: they are those of a place that has one process alone.
      args: ['--headless=shell', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    });
    page = await browser.newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('console', (message) => errors.push(message.text()));
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
    expect(new Set(requests.map((url) => new URL(url).protocol)), 'the page loads something').toEqual(
      new Set(['file:']),
    );
    expect(errors).toEqual([]);
  });

  const places = () => page.locator('article:visible .place').allTextContents();
  const areas = () => attributes('.area:visible', 'data-file');

  async function attributes(selector: string, name: string): Promise<string[]> {
    const found = await page.locator(selector).all();
    return Promise.all(found.map(async (element) => (await element.getAttribute(name)) ?? ''));
  }

  test('shows each place with its code', async () => {
    await open(RUN);
    expect(await places()).toEqual(['line 2', 'line 3']);
    expect(await page.locator('article .hit').allTextContents()).toEqual([
      '2const db = new Database("app.db");',
      '3db.exec("x");',
    ]);
  });

  test('shows text of the project as text', async () => {
    await open(RUN);
    expect(await page.title()).toBe('SQLite lock hazards');
    expect(await page.locator('article').first().textContent()).toContain('A code & <script>document.title');
    expect(await page.locator('b:not(.line b)').count()).toBe(0);
  });

  test('filters by words, rule, outcome and file', async () => {
    await open(RUN);
    await page.fill('input[name=text]', 'QUEUE.claim rollback');
    expect(await areas()).toEqual(['src/queue.ts']);
    expect(await page.textContent('output')).toBe('1 of 2 places');
    await page.fill('input[name=text]', 'nowhere');
    expect(await places()).toEqual([]);
    expect(await page.locator('#nothing').isVisible()).toBe(true);
    const alone: readonly (readonly [name: string, value: string, line: string])[] = [
      ['rule', 'require-close', 'line 2'],
      ['outcome', 'left', 'line 3'],
      ['file', 'src/queue.ts', 'line 3'],
    ];
    for (const [name, value, line] of alone) {
      await page.click('button[type=reset]');
      await expect.poll(places).toEqual(['line 2', 'line 3']);
      await page.selectOption(`select[name=${name}]`, value);
      expect(await places()).toEqual([line]);
    }
  });

  test('goes to a place that the filters hide', async () => {
    await open(RUN);
    await page.selectOption('select[name=outcome]', 'rewritten');
    await page.click('#left a');
    await expect.poll(places).toEqual(['line 2', 'line 3']);
    expect(await page.locator('article:target .place').textContent()).toBe('line 3');
  });

  test('opens the changes of a file, one below the other and side by side', async () => {
    await open(RUN);
    const rows = async (): Promise<string[]> =>
      (await page.locator('.diff tr').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
    expect(await page.locator('.diff').isVisible()).toBe(false);
    await page.click('summary');
    expect((await rows()).slice(1)).toEqual([
      '1 1 import Database from "better-sqlite3";',
      '2 2 const db = new Database("app.db");',
      '3 − db.exec("x");',
      '3 + try {} finally {}',
    ]);
    await page.check('input[value=split]');
    expect((await rows()).at(-1)).toBe('3 − db.exec("x"); 3 + try {} finally {}');
    await page.check('input[value=unified]');
    expect((await rows()).at(-1)).toBe('3 + try {} finally {}');
  });

  test('shows everything without its script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const silent = await context.newPage();
    writeFileSync(join(folder, 'silent.html'), htmlReport(RUN));
    await silent.goto(pathToFileURL(join(folder, 'silent.html')).href);
    expect(await silent.locator('article:visible').count()).toBe(2);
    await context.close();
  });

  test('of the example has all chapters, and links that lead somewhere', async () => {
    await open(await exampleRun());
    expect(await page.locator('h2').allTextContents()).toEqual([
      'Databases',
      'Root causes',
      'Recommended changes',
      'Files that need change',
      'Problem areas',
      'Left alone, and why',
      'What would change',
      'How to test it',
    ]);
    for (const target of new Set(await attributes('a', 'href')))
      expect(await page.locator(target).count(), target).toBe(1);
    expect(await page.locator('article').count()).toBe(18);
  });

  test('of a run without a finding is a page as well', async () => {
    await open(run([], { examined: 3 }));
    expect(await page.locator('.lead').textContent()).toBe('3 files looked at, no hazard found.');
  });

  test('fits on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 800 });
    await open(await exampleRun());
    const width: unknown = await page.evaluate('document.documentElement.scrollWidth');
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(width).toBe(360);
  });

  const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

  test.each(['light', 'dark'] as const)('is accessible, in %s colours', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await open(await exampleRun());
    await page.click('#open-all');
    await page.check('input[value=split]');
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } };
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
    });
    expect(violations).toEqual([]);
  });
});

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

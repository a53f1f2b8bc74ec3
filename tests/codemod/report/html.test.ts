import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { htmlReport } from '../../../src/codemod/report/html.ts';
import { file, LEFT, run, site } from './runs.ts';

const AFTER = 'import Database from "better-sqlite3";\nconst db = new Database("app.db");\ntry {} finally {}\n';
const RUN = run([
  file('src/<b>bold</b>.ts', [site({ message: 'A `code` & <script>document.title = "hacked"</script>' })], {
    after: AFTER,
  }),
  file('src/queue.ts', [site({ line: 3, rule: 'require-rollback', outcome: LEFT })]),
]);

/** The package has the browser for this platform alone. */
const hasBrowser = process.platform === 'linux' && process.arch === 'x64';

describe.skipIf(!hasBrowser)('the page in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-html-'));
  const requests: string[] = [];
  const errors: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await playwright.launch({
      executablePath: await chromium.executablePath(),
      args: [...chromium.args, '--disable-background-networking', '--no-first-run'],
    });
    page = await browser.newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('console', (message) => errors.push(message.text()));
    const path = join(folder, 'report.html');
    writeFileSync(path, htmlReport(RUN));
    await page.goto(pathToFileURL(path).href);
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  const shown = () => page.locator('article:visible').allTextContents();

  test('shows each place with its code', async () => {
    expect(await shown()).toHaveLength(2);
    expect(await page.locator('article pre .hit').allTextContents()).toEqual([
      '2const db = new Database("app.db");',
      '3db.exec("x");',
    ]);
  });

  test('shows text of the project as text', async () => {
    expect(await page.title()).toBe('SQLite lock hazards');
    expect(await page.locator('article').first().textContent()).toContain('A code & <script>document.title');
    expect(await page.locator('b').count()).toBe(0);
  });

  test('filters by words, by rule and by outcome', async () => {
    await page.fill('input[name=text]', 'QUEUE rollback');
    expect(await shown()).toHaveLength(1);
    expect(await page.textContent('output')).toBe('1 of 2 shown');
    await page.fill('input[name=text]', 'nowhere');
    expect(await shown()).toEqual([]);
    await page.click('button[type=reset]');
    await page.selectOption('select[name=rule]', 'require-close');
    expect(await page.locator('article:visible .place').allTextContents()).toEqual(['src/<b>bold</b>.ts:2']);
    await page.click('button[type=reset]');
    await page.selectOption('select[name=outcome]', 'left');
    expect(await page.locator('article:visible .place').allTextContents()).toEqual(['src/queue.ts:3']);
    await page.click('button[type=reset]');
    await expect.poll(shown).toHaveLength(2);
  });

  test('opens the diff of a file', async () => {
    const added = page.locator('details .added');
    expect(await added.isVisible()).toBe(false);
    await page.click('summary');
    expect(await added.allTextContents()).toEqual(['+try {} finally {}']);
    expect(await added.isVisible()).toBe(true);
  });

  test('loads nothing else and reports no error', () => {
    expect(requests.map((url) => new URL(url).protocol)).toEqual(['file:']);
    expect(errors).toEqual([]);
  });
});

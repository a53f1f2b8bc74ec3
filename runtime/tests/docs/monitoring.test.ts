import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, test } from 'vitest';
import { DOCS, readPage, tableIn, textUnder } from '../../../tests/docs/markdown.ts';
import { channels } from '../../src/channels.ts';
import { createMonitor } from '../../src/monitor/monitor.ts';
import { instrument } from '../../src/opentelemetry.ts';
import { acquire, checkpoint, giveUp, open, publish, release, starve, wait } from '../monitor/publishing.ts';

const page = readPage(join(DOCS, 'monitoring.md'));
const { resolve } = createRequire(import.meta.url);

/** Each example, with what the page says that it prints. */
const examples = page.fences.flatMap(({ language, text, line }, index) => {
  const after = page.fences[index + 1];
  return language === 'js' ? [{ line, text, output: after?.language === 'text' ? after.text : undefined }] : [];
});

/** The package as it is built, and the peers that are installed for its tests. */
function located(module: string): string {
  const [, own, entry] = /^(unbusy)(?:\/(.+))?$/.exec(module) ?? [];
  if (own === undefined) return module.startsWith('@') ? pathToFileURL(resolve(module)).href : module;
  const file = entry === undefined ? 'index' : entry === 'opentelemetry' ? entry : `drivers/${entry}`;
  return new URL(`../../dist/${file}.js`, import.meta.url).href;
}

describe('the examples of docs/monitoring.md', () => {
  test.each(examples)('print what stands below them (line $line)', ({ text, output }) => {
    const folder = mkdtempSync(join(tmpdir(), 'unbusy-docs-'));
    try {
      const file = join(folder, 'example.mjs');
      writeFileSync(
        file,
        text.replace(/ from '(.+)';/g, (_, module: string) => ` from '${located(module)}';`),
      );
      expect(execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' })).toBe(output);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('there are some', () => expect(examples.length).toBeGreaterThan(3));
});

/** The names in backticks of a cell. */
const names = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
const rowsUnder = (heading: string): string[][] => tableIn(textUnder(page, heading));

test('the table of options has all of them', () => {
  const documented = rowsUnder('The monitor').flatMap(([option]) => names(option));
  let message = '';
  try {
    createMonitor({ zzzzzzzzzzzzzz: 1 } as object);
  } catch (error) {
    message = String(error);
  }
  expect(message.replace(/^.*It has: |\.$/g, '').split(', ')).toEqual(documented);
});

test('the table of a snapshot has all its fields', () => {
  const monitor = createMonitor({ databases: ['a.db'] });
  const [database = {}] = monitor.snapshot().databases;
  monitor.close();
  const documented = rowsUnder('What a snapshot has').flatMap(([field]) =>
    names(field).map((name) => name.split('.')[0]),
  );
  expect([...new Set(documented)].sort()).toEqual(
    Object.keys(database)
      .filter((field) => field !== 'database')
      .sort(),
  );
});

test('the table of channels has all of them', () => {
  expect(
    rowsUnder('The channels')
      .flatMap(([channel]) => names(channel))
      .sort(),
  ).toEqual(Object.keys(channels).sort());
});

test('the table of metrics is what is exported: names, units and attributes', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 0x7fffffff });
  const provider = new MeterProvider({ readers: [reader] });
  const stop = instrument({ meter: provider.getMeter('unbusy'), tracer: false });
  open('a.db');
  release(acquire('a.db', { retries: 1 }));
  giveUp(wait('a.db'), 5);
  publish('unbusy:busy', { database: 'a.db', code: 'SQLITE_BUSY', phase: 'begin' });
  publish('unbusy:retry', { label: undefined, attempt: 1, delay: 1, error: undefined });
  publish('unbusy:discard', { database: 'a.db', driver: 'test', reason: 'ROLLBACK failed', error: undefined });
  publish('unbusy:leak', { database: 'a.db', label: undefined, trace: undefined });
  publish('unbusy:limit', { task: 'import', limit: 'hold', value: 5, hold: undefined, stopped: true });
  checkpoint('a.db');
  starve('a.db', 5);
  await provider.forceFlush();
  stop();
  const exported = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  await provider.shutdown();
  const found = exported.map(({ descriptor, dataPoints }) => ({
    name: descriptor.name,
    unit: descriptor.unit,
    attributes: Object.keys(dataPoints[0]?.attributes ?? {})
      .filter((key) => !/^db\.(system\.name|namespace)$/.test(key))
      .sort(),
  }));
  const documented = rowsUnder('OpenTelemetry').map(([name, , unit, attributes]) => ({
    name: names(name)[0],
    unit: names(unit)[0],
    attributes: names(attributes).sort(),
  }));
  const byName = (one: { name?: string | undefined }, other: { name?: string | undefined }): number =>
    (one.name ?? '').localeCompare(other.name ?? '');
  expect(found.sort(byName)).toEqual(documented.sort(byName));
});

import { AsyncLocalStorage } from 'node:async_hooks';
import { context, metrics, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BusyError } from '../src/errors.ts';
import { instrument } from '../src/opentelemetry.ts';
import {
  acquire,
  anyoneListens,
  checkpoint,
  giveUp,
  open,
  publish,
  release,
  starve,
  wait,
} from './monitor/publishing.ts';

afterEach(() => expect(anyoneListens()).toBe(false));

/** A context manager as the SDK for Node has it. */
const contexts = new AsyncLocalStorage<Context>();
beforeAll(() => {
  context.setGlobalContextManager({
    active: () => contexts.getStore() ?? ROOT_CONTEXT,
    with: (active, fn, self, ...args) => contexts.run(active, () => fn.apply(self, args)),
    bind: (_, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
});
afterAll(() => context.disable());

interface Exported {
  readonly unit: string;
  readonly points: readonly { readonly value: unknown; readonly attributes: object }[];
}

/** Publishes while the real SDK measures, and returns what it exports, by name. */
async function measured(publishing: () => void, databases?: readonly string[]): Promise<Record<string, Exported>> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 0x7fffffff });
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('unbusy');
  const stop = instrument({ meter, tracer: false, ...(databases && { databases }) });
  publishing();
  await provider.forceFlush();
  stop();
  const exported = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  await provider.shutdown();
  return Object.fromEntries(
    exported.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      { unit: descriptor.unit, points: dataPoints.map(({ value, attributes }) => ({ value, attributes })) },
    ]),
  );
}

const SYSTEM = { 'db.system.name': 'sqlite', 'db.namespace': 'a.db' };
const POOL = { ...SYSTEM, 'db.client.connection.pool.name': 'a.db' };

describe('metrics', () => {
  test('durations are seconds, under the names of the conventions where they have one', async () => {
    const exported = await measured(() => {
      open('a.db', 20);
      release(acquire('a.db', { waited: 250, retries: 40 }), 1500, 'rollback');
      release(acquire('a.db', { mode: 'read' }), 500);
      checkpoint('a.db', { duration: 3 });
    });
    const sum = (value: number): unknown => expect.objectContaining({ count: 1, sum: value });
    expect(exported['db.client.connection.create_time']).toEqual({
      unit: 's',
      points: [{ value: sum(0.02), attributes: POOL }],
    });
    expect(exported['db.client.connection.wait_time']).toEqual({
      unit: 's',
      points: [
        { value: sum(0.25), attributes: { ...POOL, 'unbusy.mode': 'write' } },
        { value: sum(0), attributes: { ...POOL, 'unbusy.mode': 'read' } },
      ],
    });
    expect(exported['db.client.connection.use_time']).toMatchObject({
      unit: 's',
      points: [{ value: sum(1.5) }, { value: sum(0.5) }],
    });
    expect(exported['unbusy.lock.hold_time']).toEqual({
      unit: 's',
      points: [{ value: sum(1.5), attributes: { ...SYSTEM, 'unbusy.outcome': 'rollback' } }],
    });
    expect(exported['unbusy.lock.retries']?.points).toEqual([
      { value: 40, attributes: { ...SYSTEM, 'unbusy.mode': 'write' } },
    ]);
    expect(exported['unbusy.wal.checkpoint.duration']).toEqual({
      unit: 's',
      points: [
        { value: sum(0.003), attributes: { ...SYSTEM, 'unbusy.checkpoint.mode': 'passive', 'unbusy.busy': false } },
      ],
    });
  });

  test('what is so now is asked for when metrics are collected', async () => {
    const exported = await measured(() => {
      for (let index = 0; index < 3; index += 1) open('a.db');
      acquire('a.db');
      wait('a.db');
      wait('a.db');
      checkpoint('a.db', { frames: 900, checkpointed: 10, bytes: 3_708_032 });
      starve('a.db', 60_000, 900);
    });
    expect(exported['db.client.connection.count']).toEqual({
      unit: '{connection}',
      points: [
        { value: 1, attributes: { ...POOL, 'db.client.connection.state': 'used' } },
        { value: 2, attributes: { ...POOL, 'db.client.connection.state': 'idle' } },
      ],
    });
    expect(exported['db.client.connection.pending_requests']).toEqual({
      unit: '{request}',
      points: [{ value: 2, attributes: POOL }],
    });
    expect(exported['unbusy.wal.frames']).toEqual({ unit: '{frame}', points: [{ value: 900, attributes: SYSTEM }] });
    expect(exported['unbusy.wal.size']).toEqual({ unit: 'By', points: [{ value: 3_708_032, attributes: SYSTEM }] });
    expect(exported['unbusy.wal.starvation_age']?.unit).toBe('s');
    expect(exported['unbusy.wal.starvation_age']?.points[0]?.value).toBeGreaterThanOrEqual(60);
  });

  test('failures are counted by their kind', async () => {
    const exported = await measured(() => {
      giveUp(wait('a.db'), 5000);
      giveUp(wait('a.db'), 10, 'abort');
      publish('unbusy:busy', { database: 'a.db', code: 'SQLITE_BUSY_SNAPSHOT', phase: 'statement' });
      publish('unbusy:leak', { database: 'a.db', label: undefined, trace: undefined });
      publish('unbusy:discard', { database: 'a.db', driver: 'test', reason: 'ROLLBACK failed', error: undefined });
      const error = new BusyError('busy', { database: 'a.db', waited: 1, attempts: 1 });
      publish('unbusy:retry', { label: undefined, attempt: 1, delay: 1, error });
      publish('unbusy:retry', { label: undefined, attempt: 1, delay: 1, error: undefined });
      publish('unbusy:limit', { task: 'import', limit: 'hold', value: 5, hold: undefined, stopped: true });
    });
    const mode = { 'unbusy.mode': 'write' };
    expect(exported['db.client.connection.timeouts']?.points).toEqual([{ value: 1, attributes: { ...POOL, ...mode } }]);
    expect(exported['unbusy.lock.give_ups']?.points).toEqual([
      { value: 1, attributes: { ...SYSTEM, ...mode, 'unbusy.reason': 'deadline' } },
      { value: 1, attributes: { ...SYSTEM, ...mode, 'unbusy.reason': 'abort' } },
    ]);
    expect(exported['unbusy.busy_errors']?.points).toEqual([
      {
        value: 1,
        attributes: { ...SYSTEM, 'db.response.status_code': 'SQLITE_BUSY_SNAPSHOT', 'unbusy.phase': 'statement' },
      },
    ]);
    expect(exported['unbusy.connection.leaks']?.points).toEqual([{ value: 1, attributes: SYSTEM }]);
    expect(exported['unbusy.connection.discards']?.points).toEqual([{ value: 1, attributes: SYSTEM }]);
    expect(exported['unbusy.replays']?.points).toEqual([
      { value: 1, attributes: SYSTEM },
      { value: 1, attributes: { 'db.system.name': 'sqlite' } },
    ]);
    expect(exported['unbusy.task.limits']?.points).toEqual([
      { value: 1, attributes: { 'db.system.name': 'sqlite', 'unbusy.limit': 'hold' } },
    ]);
  });

  test('databases that are not asked for are left out', async () => {
    const exported = await measured(() => {
      for (const database of ['a.db', 'b.db']) {
        open(database);
        release(acquire(database), 1);
        giveUp(wait(database), 1);
        checkpoint(database);
      }
    }, ['a.db']);
    const seen = Object.values(exported).flatMap(({ points }) => points.map(({ attributes }) => attributes));
    expect(seen.length).toBeGreaterThan(5);
    for (const attributes of seen) expect(attributes).toMatchObject(SYSTEM);
  });
});

/** Publishes while the real SDK traces, and returns the spans that ended. */
function traced(
  publishing: (tracer: ReturnType<BasicTracerProvider['getTracer']>, stop: () => void) => void,
): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracer = provider.getTracer('unbusy');
  using stop = instrument({ meter: false, tracer });
  publishing(tracer, stop);
  return exporter.getFinishedSpans();
}

const milliseconds = ([whole, nanos]: readonly [number, number]): number => whole * 1000 + nanos / 1e6;

describe('spans', () => {
  test('a transaction is a span from its BEGIN to its end', () => {
    const since = performance.now() - 2000;
    const [span, ...others] = traced(() =>
      release(acquire('data/a.db', { label: 'import', since, waited: 250, retries: 40 }), 1500),
    );
    expect(others).toEqual([]);
    expect(span).toMatchObject({
      name: 'transaction import',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
    });
    expect(span?.attributes).toEqual({
      'db.system.name': 'sqlite',
      'db.namespace': 'data/a.db',
      'db.operation.name': 'transaction',
      'unbusy.mode': 'write',
      'unbusy.label': 'import',
      'unbusy.waited': 0.25,
      'unbusy.retries': 40,
      'unbusy.outcome': 'commit',
    });
    if (span === undefined) return;
    expect(milliseconds(span.duration)).toBeCloseTo(1500, 1);
    const sinceNow = Date.now() - milliseconds(span.startTime);
    expect(sinceNow).toBeGreaterThan(1990);
    expect(sinceNow).toBeLessThan(32_000);
  });

  test('without a label it has the name of the file', () => {
    expect(traced(() => release(acquire('data/a.db')))[0]?.name).toBe('transaction a.db');
  });

  test('it is a child of the span that is active where it begins', () => {
    const spans = traced((tracer) => {
      const parent = tracer.startSpan('request');
      context.with(trace.setSpan(context.active(), parent), () => release(acquire('a.db')));
      parent.end();
      release(acquire('b.db'));
    });
    const [child, parent, alone] = spans;
    expect(child?.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId);
    expect(child?.spanContext().traceId).toBe(parent?.spanContext().traceId);
    expect(alone?.parentSpanContext).toBeUndefined();
  });

  test('transactions at the same time do not mix', () => {
    const spans = traced(() => {
      const [one, other] = [acquire('a.db', { label: 'one' }), acquire('a.db', { label: 'other', mode: 'read' })];
      release(one, 1, 'rollback');
      release(other, 1, 'discard');
    });
    expect(spans.map(({ name, attributes, status }) => [name, attributes['unbusy.outcome'], status.code])).toEqual([
      ['transaction one', 'rollback', SpanStatusCode.UNSET],
      ['transaction other', 'discard', SpanStatusCode.ERROR],
    ]);
  });

  test('a wait in vain is a span that failed, of the length of the wait', () => {
    const [span] = traced(() => giveUp(wait('a.db', { label: 'small', since: performance.now() - 5000 }), 5000));
    expect(span).toMatchObject({ name: 'transaction small', status: { code: SpanStatusCode.ERROR } });
    expect(span?.attributes).toMatchObject({
      'error.type': 'deadline',
      'unbusy.outcome': 'give up',
      'unbusy.waited': 5,
    });
    expect(milliseconds(span?.duration ?? [0, 0])).toBeCloseTo(5000, 1);
  });

  test('transactions that are open when it stops end there, and what begins later is not seen', () => {
    const spans = traced((_, stop) => {
      const hold = acquire('a.db');
      stop();
      release(hold);
      release(acquire('b.db'));
    });
    expect(spans.map(({ name }) => name)).toEqual(['transaction a.db']);
    expect(spans[0]?.attributes).not.toHaveProperty('unbusy.outcome');
  });
});

test('takes the global providers, and does nothing while there are none', () => {
  const stop = instrument();
  release(acquire('a.db'));
  stop();
  stop();
  expect(metrics.getMeterProvider()).toBeDefined();
});

test('refuses options that do not exist', () => {
  expect(() => instrument({ meters: false } as object)).toThrow(
    "instrument has no option 'meters'. Did you mean 'meter'?",
  );
});

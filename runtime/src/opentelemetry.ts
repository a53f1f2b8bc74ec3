import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { basename } from 'node:path';
import { listen, type Events, type Hold, type Listeners, type Wait } from './channels.ts';
import { UnbusyError } from './errors.ts';
import { createMonitor, type MonitorOptions } from './monitor/monitor.ts';
import { checkOptions } from './options.ts';
import type { Attributes, BatchObservableResult, Meter, Span, Tracer } from '@opentelemetry/api';

export interface InstrumentOptions {
  /** Where metrics go; false for no metrics. Default: a meter of the global provider. */
  readonly meter?: Meter | false;
  /** Where spans go; false for no spans. Default: a tracer of the global provider. */
  readonly tracer?: Tracer | false;
  /** The databases to look at, as they were named when they were opened, or a test for them. Default: all. */
  readonly databases?: MonitorOptions['databases'];
}

/** Stops the instrumentation. */
export interface Instrumentation extends Disposable {
  (): void;
}

/** The conventions that the names below come from. */
const SCHEMA = { schemaUrl: 'https://opentelemetry.io/schemas/1.45.0' };
/** Seconds. The conventions give none for connections; locks are held and waited for from some microseconds to seconds. */
const BOUNDARIES = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const seconds = (milliseconds: number): number => milliseconds / 1000;

/**
 * Sends what this package publishes to OpenTelemetry: metrics and a span for each transaction. It names things by the
 * semantic conventions 1.45.0 where they have a name, and `unbusy.*` elsewhere; docs/monitoring.md lists all.
 *
 * @throws {OptionError}
 */
export function instrument(options: InstrumentOptions = {}): Instrumentation {
  checkOptions(options, ['meter', 'tracer', 'databases'], 'instrument');
  const { databases } = options;
  const wanted = typeof databases === 'function' ? databases : (name: string) => databases?.includes(name) !== false;
  const stops: (() => void)[] = [];
  if (options.meter !== false) {
    stops.push(measure(options.meter ?? metrics.getMeter('unbusy', undefined, SCHEMA), wanted));
  }
  if (options.tracer !== false) {
    stops.push(
      traceTransactions(options.tracer ?? trace.getTracerProvider().getTracer('unbusy', undefined, SCHEMA), wanted),
    );
  }
  const stop = (): void => {
    for (const each of stops.splice(0)) each();
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}

function systemOf(database: string): Attributes {
  return { 'db.system.name': 'sqlite', 'db.namespace': database };
}

/** What the conventions demand of the metrics of connections: each file is a pool of its own. */
function poolOf(database: string): Attributes {
  return { ...systemOf(database), 'db.client.connection.pool.name': database };
}

function measure(meter: Meter, wanted: (database: string) => boolean): () => void {
  const stopListening = listen(onlyOf(wanted, recordings(meter)));
  const stopObserving = observe(meter, wanted);
  return () => {
    stopListening();
    stopObserving();
  };
}

/** Instruments that are told of each event. */
function recordings(meter: Meter): Listeners {
  const duration = (name: string, description: string) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: BOUNDARIES } });
  const counter = (name: string, unit: string, description: string) => meter.createCounter(name, { description, unit });
  const createTime = duration('db.client.connection.create_time', 'The time it took to create a new connection.');
  const waitTime = duration('db.client.connection.wait_time', 'The time that a transaction waited before it began.');
  const useTime = duration('db.client.connection.use_time', 'The time that a transaction had its connection.');
  const timeouts = counter('db.client.connection.timeouts', '{timeout}', 'Waits that ended at their deadline.');
  const holdTime = duration('unbusy.lock.hold_time', 'The time that a transaction held the write lock.');
  const retries = counter('unbusy.lock.retries', '{retry}', 'How often transactions asked in vain before they began.');
  const giveUps = counter('unbusy.lock.give_ups', '{wait}', 'Waits that ended without the lock.');
  const busy = counter('unbusy.busy_errors', '{error}', 'Answers of SQLITE_BUSY.');
  const replays = counter('unbusy.replays', '{replay}', 'Operations that ran again.');
  const discards = counter('unbusy.connection.discards', '{connection}', 'Connections closed as not provably clean.');
  const leaks = counter('unbusy.connection.leaks', '{connection}', 'Connections lost or not given back.');
  const limits = counter('unbusy.task.limits', '{limit}', 'Limits that tasks hit.');
  const checkpoints = duration('unbusy.wal.checkpoint.duration', 'The time that a checkpoint took.');
  return {
    'unbusy:open': (event) => createTime.record(seconds(event.duration), poolOf(event.database)),
    'unbusy:discard': ({ database }) => discards.add(1, systemOf(database)),
    'unbusy:acquire': ({ hold }) => {
      const mode = { 'unbusy.mode': hold.mode };
      waitTime.record(seconds(hold.waited), { ...poolOf(hold.database), ...mode });
      if (hold.retries > 0) retries.add(hold.retries, { ...systemOf(hold.database), ...mode });
    },
    'unbusy:release': (event) => {
      const { mode, database } = event.hold;
      useTime.record(seconds(event.duration), { ...poolOf(database), 'unbusy.mode': mode });
      if (mode !== 'write') return;
      holdTime.record(seconds(event.duration), { ...systemOf(database), 'unbusy.outcome': event.outcome });
    },
    'unbusy:giveup': ({ wait, reason }) => {
      const mode = { 'unbusy.mode': wait.mode };
      if (reason === 'deadline') timeouts.add(1, { ...poolOf(wait.database), ...mode });
      giveUps.add(1, { ...systemOf(wait.database), ...mode, 'unbusy.reason': reason });
    },
    'unbusy:busy': ({ database, code, phase }) =>
      busy.add(1, { ...systemOf(database), 'db.response.status_code': code, 'unbusy.phase': phase }),
    'unbusy:retry': ({ error }) => {
      const database = databaseOf(error);
      replays.add(1, database === undefined ? { 'db.system.name': 'sqlite' } : systemOf(database));
    },
    'unbusy:checkpoint': ({ database, checkpoint: { mode, busy: cut, duration: took } }) =>
      checkpoints.record(seconds(took), { ...systemOf(database), 'unbusy.checkpoint.mode': mode, 'unbusy.busy': cut }),
    'unbusy:limit': ({ limit, hold }) =>
      limits.add(1, {
        ...(hold === undefined ? { 'db.system.name': 'sqlite' } : systemOf(hold.database)),
        'unbusy.limit': limit,
      }),
    'unbusy:leak': ({ database }) => leaks.add(1, systemOf(database)),
  };
}

/** Instruments that are asked when metrics are collected; a monitor knows what is so now. */
function observe(meter: Meter, wanted: (database: string) => boolean): () => void {
  const gauge = (name: string, unit: string, description: string) =>
    meter.createObservableGauge(name, { description, unit });
  const upDown = (name: string, unit: string, description: string) =>
    meter.createObservableUpDownCounter(name, { description, unit });
  const count = upDown('db.client.connection.count', '{connection}', 'The number of connections in each state.');
  const pending = upDown('db.client.connection.pending_requests', '{request}', 'Transactions that wait to begin.');
  const frames = gauge('unbusy.wal.frames', '{frame}', 'Frames in the WAL at the last checkpoint.');
  const size = gauge('unbusy.wal.size', 'By', 'The size of the -wal file at the last checkpoint.');
  const age = gauge('unbusy.wal.starvation_age', 's', 'For how long checkpoints have not got ahead; 0 while they do.');
  const instruments = [count, pending, frames, size, age];
  const monitor = createMonitor({ databases: wanted });
  const look = (result: BatchObservableResult): void => {
    for (const { database, connections, holders, queue, wal, starvation } of monitor.snapshot().databases) {
      const [pool, system] = [poolOf(database), systemOf(database)];
      const used = holders.length;
      result.observe(count, used, { ...pool, 'db.client.connection.state': 'used' });
      result.observe(count, Math.max(0, connections.open - used), { ...pool, 'db.client.connection.state': 'idle' });
      result.observe(pending, queue.depth, pool);
      result.observe(age, seconds(starvation?.age ?? 0), system);
      if (wal.frames === undefined) continue;
      result.observe(frames, wal.frames, system);
      result.observe(size, wal.bytes, system);
    }
  };
  meter.addBatchObservableCallback(look, instruments);
  return () => {
    meter.removeBatchObservableCallback(look, instruments);
    monitor.close();
  };
}

/** A span for each transaction, as a child of what is active where it begins. */
function traceTransactions(tracer: Tracer, wanted: (database: string) => boolean): () => void {
  const open = new Map<Hold, { readonly span: Span; readonly epoch: number }>();
  const stop = listen(
    onlyOf(wanted, {
      'unbusy:acquire': ({ hold }) => {
        const epoch = epochNow();
        const attributes = {
          ...transactionOf(hold),
          'unbusy.waited': seconds(hold.waited),
          'unbusy.retries': hold.retries,
        };
        open.set(hold, { span: start(tracer, hold, epoch, attributes), epoch });
      },
      'unbusy:release': ({ hold, duration, outcome }) => {
        const opened = open.get(hold);
        if (opened === undefined) return;
        open.delete(hold);
        opened.span.setAttribute('unbusy.outcome', outcome);
        if (outcome === 'discard') fail(opened.span, 'discard', 'The connection could not be proved clean.');
        opened.span.end(opened.epoch + hold.since + duration);
      },
      'unbusy:giveup': ({ wait, duration, reason }) => {
        const epoch = epochNow();
        const attributes = { ...transactionOf(wait), 'unbusy.waited': seconds(duration), 'unbusy.outcome': 'give up' };
        const span = start(tracer, wait, epoch, attributes);
        fail(span, reason, 'The lock was not taken.');
        span.end(epoch + wait.since + duration);
      },
    }),
  );
  return () => {
    stop();
    for (const { span } of open.values()) span.end();
    open.clear();
  };
}

/** What to add to `performance.now` for the time of day, as it is now: the origin of the process may have drifted. */
function epochNow(): number {
  return Date.now() - performance.now();
}

function start(tracer: Tracer, of: Hold | Wait, epoch: number, attributes: Attributes): Span {
  const name = `transaction ${of.label ?? basename(of.database)}`;
  return tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: epoch + of.since, attributes });
}

function transactionOf({ database, mode, label }: Hold | Wait): Attributes {
  return {
    ...systemOf(database),
    'db.operation.name': 'transaction',
    'unbusy.mode': mode,
    ...(label !== undefined && { 'unbusy.label': label }),
  };
}

function fail(span: Span, type: string, message: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Listeners that hear of the wanted databases alone, and of what names no database. */
function onlyOf(wanted: (database: string) => boolean, listeners: Listeners): Listeners {
  const hears = (event: Events[keyof Events]): boolean => {
    const database = databaseOfEvent(event);
    return database === undefined || wanted(database);
  };
  const entries = Object.entries(listeners).map(([name, listener]) => [
    name,
    (event: Events[keyof Events]) => {
      if (hears(event)) (listener as (event: Events[keyof Events]) => void)(event);
    },
  ]);
  return Object.fromEntries(entries) as Listeners;
}

function databaseOfEvent(event: Events[keyof Events]): string | undefined {
  if ('database' in event) return event.database;
  if ('hold' in event) return event.hold?.database;
  return 'wait' in event ? event.wait.database : databaseOf(event.error);
}

function databaseOf(error: unknown): string | undefined {
  return error instanceof UnbusyError ? error.database : undefined;
}

import { describe, expect, test } from 'vitest';
import { BusyError, DeadlineError, SnapshotError } from '../../src/errors.ts';
import { retryOnBusy, type Attempt, type Retry, type RetryOptions } from '../../src/tasks/retry.ts';
import { withTaskLimits } from '../../src/tasks/limits.ts';
import { published } from '../channels.ts';
import { seeded, SimulatedTime } from '../simulated-time.ts';

/** As the drivers throw it. */
const BUSY_ERRORS: readonly unknown[] = [
  Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' }),
  Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 517 }),
  Object.assign(new Error('SQLITE_BUSY: database is locked'), { code: 'SQLITE_BUSY', errno: 5 }),
  new BusyError('busy', { waited: 1, attempts: 1, cause: { code: 'SQLITE_BUSY' } }),
  new SnapshotError('snapshot', { cause: { code: 'SQLITE_BUSY_SNAPSHOT' } }),
  new BusyError('busy without a cause', { waited: 1, attempts: 1 }),
  new SnapshotError('snapshot without a cause'),
];
const busy = BUSY_ERRORS[0];

function failing(times: number, error: unknown = busy): (attempt: Attempt) => string {
  return ({ attempt }) => {
    if (attempt <= times) throw error;
    return `attempt ${attempt}`;
  };
}

function simulate<T>(fn: (attempt: Attempt) => T | Promise<T>, options: RetryOptions = {}, random?: () => number) {
  const time = new SimulatedTime(random);
  return { time, result: time.until(retryOnBusy(fn, options, time)) };
}

describe('an operation', () => {
  test('that succeeds runs once', async () => {
    const { time, result } = simulate(failing(0));
    expect(await result).toBe('attempt 1');
    expect(time.now()).toBe(0);
    expect(time.pending).toBe(0);
  });

  test.each(BUSY_ERRORS)('runs again after %s', async (error) => {
    expect(await simulate(failing(2, error)).result).toBe('attempt 3');
    const late = (attempt: Attempt) => new Promise((resolve) => resolve(failing(2, error)(attempt)));
    expect(await simulate(late).result).toBe('attempt 3');
  });

  test.each([new Error('no such table: t'), Object.assign(new Error('full'), { code: 'SQLITE_FULL' }), 'text'])(
    'does not run again after %s',
    async (error) => {
      await expect(simulate(failing(1, error)).result).rejects.toBe(error);
    },
  );

  test('is asked whether it runs again', async () => {
    const error = new Error('odd');
    const shouldRetry = (thrown: unknown) => thrown === error;
    expect(await simulate(failing(1, error), { shouldRetry }).result).toBe('attempt 2');
    await expect(simulate(failing(1), { shouldRetry }).result).rejects.toBe(busy);
  });

  test('that used up its attempts throws its own error', async () => {
    await expect(simulate(failing(3), { attempts: 3 }).result).rejects.toBe(busy);
    expect(await simulate(failing(2), { attempts: 3 }).result).toBe('attempt 3');
  });
});

describe('the delays', () => {
  test('double from base to cap, times a random number', async () => {
    const delays: number[] = [];
    const onRetry = ({ delay }: Retry) => delays.push(delay);
    await simulate(failing(9), { onRetry, deadline: Infinity }).result;
    expect(delays).toEqual([25, 50, 100, 200, 400, 800, 1600, 2000, 2000].map((bound) => bound / 2));
  });

  test.each(Array.from({ length: 200 }, (_, index) => index + 1))(
    'are never over the deadline, and few (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      const deadline = 1 + random() * 20_000;
      const options = { deadline, base: 1 + random() * 100, cap: 1 + random() * 4000 };
      const retries: Retry[] = [];
      const { time, result } = simulate(
        failing(Infinity),
        { ...options, onRetry: (retry) => retries.push(retry) },
        random,
      );
      const error: unknown = await result.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(DeadlineError);
      expect(error).toMatchObject({ limit: 'deadline', milliseconds: deadline, cause: busy });
      expect(time.now()).toBeLessThanOrEqual(deadline);
      expect(deadline - time.now()).toBeLessThan(options.base);
      retries.forEach(({ attempt, delay }, index) => {
        expect(attempt).toBe(index + 1);
        expect(delay).toBeLessThanOrEqual(Math.min(options.cap, options.base * 2 ** index));
      });
      expect(time.pending).toBe(0);
    },
  );

  test('are published with the label', async () => {
    await published('unbusy:retry', async (events) => {
      await simulate(failing(2), { label: 'import' }).result;
      expect(events).toEqual([
        { label: 'import', attempt: 1, delay: 12.5, error: busy },
        { label: 'import', attempt: 2, delay: 25, error: busy },
      ]);
    });
  });
});

describe('the deadline', () => {
  test('aborts the signal of an attempt, which is waited for all the same', async () => {
    const time = new SimulatedTime();
    let reason: unknown;
    const result = time.until(
      retryOnBusy(
        async ({ signal, remaining }) => {
          await time.sleep(60);
          expect(remaining()).toBe(40);
          await time.sleep(60);
          reason = signal.reason;
          expect(remaining()).toBe(0);
          return 'late';
        },
        { deadline: 100 },
        time,
      ),
    );
    expect(await result).toBe('late');
    expect(reason).toBeInstanceOf(DeadlineError);
  });

  test('of an inner retry is not retried by an outer one', async () => {
    const time = new SimulatedTime();
    let outerAttempts = 0;
    const inner = () => {
      outerAttempts += 1;
      return retryOnBusy(failing(Infinity), { deadline: 100 }, time);
    };
    await expect(time.until(retryOnBusy(inner, {}, time))).rejects.toBeInstanceOf(DeadlineError);
    expect(outerAttempts).toBe(1);
  });

  test('is not later than that of the task around, and the label is its name', async () => {
    const time = new SimulatedTime();
    await published('unbusy:retry', async (events) => {
      const task = withTaskLimits(
        'nightly',
        async () => {
          await time.sleep(300);
          await retryOnBusy(failing(Infinity), { deadline: 5000 }, time);
        },
        { deadline: 1000 },
        time,
      );
      await expect(time.until(task)).rejects.toMatchObject({ name: 'DeadlineError', milliseconds: 700 });
      expect(time.now()).toBeLessThanOrEqual(1000);
      expect(new Set(events.map(({ label }) => label))).toEqual(new Set(['nightly']));
    });
  });
});

describe('an abort', () => {
  test('before the start runs nothing', async () => {
    const reason = new Error('stopped');
    let ran = false;
    const run = () => {
      ran = true;
    };
    await expect(simulate(run, { signal: AbortSignal.abort(reason) }).result).rejects.toBe(reason);
    expect(ran).toBe(false);
  });

  test('in a delay ends it', async () => {
    const time = new SimulatedTime();
    const controller = new AbortController();
    const result = retryOnBusy(failing(Infinity), { base: 1000, signal: controller.signal }, time);
    result.catch(() => undefined);
    await time.pass(100);
    controller.abort(new Error('stopped'));
    await expect(time.until(result)).rejects.toThrow('stopped');
    expect(time.now()).toBe(100);
    expect(time.pending).toBe(0);
  });
});

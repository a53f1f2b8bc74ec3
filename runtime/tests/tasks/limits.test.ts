import { describe, expect, test } from 'vitest';
import { channels, type Hold } from '../../src/channels.ts';
import { TaskLimitError } from '../../src/errors.ts';
import { currentTask } from '../../src/tasks/context.ts';
import { withTaskLimits, type TaskAttempt, type TaskLimits } from '../../src/tasks/limits.ts';
import { published } from '../channels.ts';
import { SimulatedTime } from '../simulated-time.ts';

const busy = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });

/** Runs a task in simulated time; `time` is what its function waits on. */
function simulate<T>(fn: (time: SimulatedTime, task: TaskAttempt) => T | Promise<T>, options: TaskLimits = {}) {
  const time = new SimulatedTime();
  return { time, result: time.until(withTaskLimits('import', (task) => fn(time, task), options, time)) };
}

async function failureOf(result: Promise<unknown>): Promise<TaskLimitError> {
  const error = await result.then(
    () => new Error('the task succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TaskLimitError)) throw error;
  return error;
}

/** A write transaction as it tells of itself. */
async function hold(time: SimulatedTime, milliseconds: number, mode: Hold['mode'] = 'write'): Promise<void> {
  const since = time.now();
  const held: Hold = {
    database: 'a.db',
    mode,
    label: undefined,
    since,
    wait: undefined,
    waited: 0,
    retries: 0,
    trace: undefined,
  };
  channels['unbusy:acquire'].publish({ hold: held });
  await time.sleep(milliseconds);
  channels['unbusy:release'].publish({ hold: held, duration: time.now() - since, outcome: 'commit' });
}

/** The same on a synchronous driver: no timer runs before its end. */
function holdBlocking(time: SimulatedTime, milliseconds: number): void {
  const since = time.now();
  const held: Hold = {
    database: 'a.db',
    mode: 'write',
    label: undefined,
    since,
    wait: undefined,
    waited: 0,
    retries: 0,
    trace: undefined,
  };
  channels['unbusy:acquire'].publish({ hold: held });
  time.block(milliseconds);
  channels['unbusy:release'].publish({ hold: held, duration: milliseconds, outcome: 'commit' });
}

describe('a task', () => {
  test('returns what its function returns, synchronous or not, and leaves no timer', async () => {
    const at = simulate(() => 1);
    expect(await at.result).toBe(1);
    const later = simulate(async (time) => {
      await time.sleep(10);
      return 2;
    });
    expect(await later.result).toBe(2);
    expect([at.time.pending, later.time.pending]).toEqual([0, 0]);
  });

  test('throws what its function throws, a busy error as well', async () => {
    await expect(
      simulate(() => {
        throw busy;
      }).result,
    ).rejects.toBe(busy);
  });

  test('is known to what runs in it, and to nothing else', async () => {
    const { result } = simulate(
      async (time, { label, remaining }) => {
        await time.sleep(400);
        const task = currentTask();
        expect(task).toMatchObject({ label: 'import', deadline: 1000 });
        expect([label, remaining(), task?.remaining()]).toEqual(['import', 600, 600]);
      },
      { deadline: 1000 },
    );
    expect(currentTask()).toBeUndefined();
    await result;
  });

  test('within a task has no more time than that, and ends with it', async () => {
    const { result, time: outer } = simulate(
      (time) =>
        withTaskLimits(
          'inner',
          async ({ signal, remaining }) => {
            expect(remaining()).toBe(100);
            await time.sleep(5000, { signal });
            signal.throwIfAborted();
          },
          { deadline: 1000 },
          time,
        ),
      { deadline: 100 },
    );
    expect(await failureOf(result)).toMatchObject({ task: 'import', limit: 'deadline' });
    expect(outer.now()).toBe(100);
  });

  test.each([-1, Number.NaN])('with a deadline of %s is refused', async (deadline) => {
    await expect(simulate(() => 1, { deadline }).result).rejects.toMatchObject({ code: 'UNBUSY_OPTION' });
  });
});

describe('the deadline', () => {
  test('aborts the signal, and a function that listens has ended when the task rejects', async () => {
    const { result, time } = simulate(
      async (_, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        signal.throwIfAborted();
      },
      { deadline: 100 },
    );
    expect(await failureOf(result)).toMatchObject({ limit: 'deadline', stillRunning: false });
    expect(time.now()).toBe(100);
  });

  test('rejects although the function does not listen, and says that it runs still', async () => {
    const time = new SimulatedTime();
    const task = withTaskLimits('import', () => time.sleep(500), { deadline: 100 }, time);
    const error = await failureOf(time.until(task));
    expect(time.now()).toBe(100);
    expect(error.stillRunning).toBe(true);
    await time.until(error.settled);
    expect(time.now()).toBe(500);
    expect(error.stillRunning).toBe(false);
  });

  test('makes nothing of a failure that comes after it but a settled task', async () => {
    const time = new SimulatedTime();
    const late = async () => {
      await time.sleep(500);
      throw new Error('too late for anyone');
    };
    const error = await failureOf(time.until(withTaskLimits('import', late, { deadline: 100 }, time)));
    await time.until(error.settled);
  });

  test('that passes between two attempts has the last error as its cause', async () => {
    const { result } = simulate(
      () => {
        throw busy;
      },
      { deadline: 100, retry: {} },
    );
    expect(await failureOf(result)).toMatchObject({ limit: 'deadline', cause: busy, stillRunning: false });
  });
});

describe('retries', () => {
  test('run the function again in the same task', async () => {
    const { result } = simulate(
      (_, { attempt }) => {
        if (attempt < 3) throw busy;
        return currentTask()?.label;
      },
      { retry: { attempts: 3 } },
    );
    expect(await result).toBe('import');
  });

  test('that are used up are a limit', async () => {
    const { result } = simulate(
      () => {
        throw busy;
      },
      { retry: { attempts: 3 } },
    );
    const error = await failureOf(result);
    expect(error).toMatchObject({ limit: 'attempts', cause: busy });
    expect(error.message).toContain('3 attempts');
  });
});

describe('an abort', () => {
  test('ends the task with its reason as the cause', async () => {
    const controller = new AbortController();
    const reason = new Error('shutting down');
    const { result } = simulate(
      async (time) => {
        await time.sleep(50);
        controller.abort(reason);
        await time.sleep(50);
      },
      { signal: controller.signal },
    );
    expect(await failureOf(result)).toMatchObject({ limit: 'aborted', cause: reason });
  });

  test('before the start runs nothing', async () => {
    let ran = false;
    const { result } = simulate(
      () => {
        ran = true;
      },
      { signal: AbortSignal.abort() },
    );
    expect((await failureOf(result)).limit).toBe('aborted');
    expect(ran).toBe(false);
  });
});

test('many tasks on one signal, and many waits in one task, are no leak of listeners', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  const time = new SimulatedTime();
  const program = new AbortController();
  const many = Array.from({ length: 30 }, (_, index) => index);
  const waitALot = ({ signal }: TaskAttempt) => Promise.all(many.map(() => time.sleep(100, { signal })));
  await time.until(
    Promise.all(many.map((index) => withTaskLimits(`task ${index}`, waitALot, { signal: program.signal }, time))),
  );
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warn);
  expect(warnings).toEqual([]);
});

describe('the maximum hold', () => {
  test('aborts the task while a transaction holds the lock for longer', async () => {
    await published('unbusy:limit', async (events) => {
      const { result, time } = simulate((now) => hold(now, 500), { maxHold: 100 });
      expect(await failureOf(result)).toMatchObject({ limit: 'hold', stillRunning: true });
      expect(time.now()).toBe(100);
      expect(events).toMatchObject([
        { task: 'import', limit: 'hold', value: 100, hold: { database: 'a.db' }, stopped: true },
      ]);
      expect(channels['unbusy:acquire'].hasSubscribers).toBe(false);
    });
  });

  test('permits many short transactions, and reading', async () => {
    const { result } = simulate(
      async (time) => {
        for (let count = 0; count < 10; count += 1) await hold(time, 90);
        await hold(time, 500, 'read');
      },
      { maxHold: 100 },
    );
    await result;
  });

  test('tells of a transaction that had ended before anyone could stop it, and goes on', async () => {
    await published('unbusy:limit', async (events) => {
      const { result } = simulate((time) => holdBlocking(time, 500), { maxHold: 100 });
      await result;
      expect(events).toMatchObject([{ task: 'import', limit: 'hold', value: 100, stopped: false }]);
    });
  });

  test('holds for tasks within, and not for others', async () => {
    const time = new SimulatedTime();
    const inner = () => withTaskLimits('inner', () => hold(time, 500), {}, time);
    const [outer, other] = await time.until(
      Promise.allSettled([
        withTaskLimits('outer', inner, { maxHold: 100 }, time),
        withTaskLimits('other', () => hold(time, 500), {}, time),
      ]),
    );
    expect(outer).toMatchObject({ status: 'rejected', reason: { task: 'outer', limit: 'hold' } });
    expect(other.status).toBe('fulfilled');
  });

  test('is watched for while such a task runs only', async () => {
    expect(channels['unbusy:acquire'].hasSubscribers).toBe(false);
    await simulate(() => expect(channels['unbusy:acquire'].hasSubscribers).toBe(true), { maxHold: 100 }).result;
    await simulate(() => expect(channels['unbusy:acquire'].hasSubscribers).toBe(false)).result;
    expect(channels['unbusy:acquire'].hasSubscribers).toBe(false);
  });
});

import { expect, test } from 'vitest';
import { ClosedError, DeadlineError, QueueFullError } from '../../src/errors.ts';
import { Lane } from '../../src/pool/lane.ts';
import { seeded, SimulatedTime } from '../simulated-time.ts';

/** What became of a block. */
type Ending = 'ran' | 'refused' | 'late' | 'aborted' | 'closed';

interface Block {
  readonly number: number;
  readonly arrives: number;
  readonly priority: 'high' | 'normal';
  readonly limit: number;
  readonly lasts: number;
  readonly aborts: number;
}

/** Runs blocks on a lane in simulated time, and watches what may never happen. */
async function simulate(seed: number): Promise<void> {
  const random = seeded(seed);
  const among = (count: number): number => Math.floor(random() * count);
  const time = new SimulatedTime(random);
  const capacity = 1 + among(4);
  // Where opening takes time, a block may begin before one that got its turn earlier.
  const opensAtOnce = random() < 0.5;
  const bound = among(3) === 0 ? among(4) : 50;
  const broken = new Set<number>();
  let opened = 0;
  const inUse = new Set<number>();
  const lane = new Lane<number>(
    { database: 'app.db', what: 'a reader', capacity, bound, leakAfter: 0 },
    {
      open: async () => {
        if (!opensAtOnce) await time.sleep(among(3));
        opened += 1;
        return opened;
      },
      isOpen: (handle) => !broken.has(handle),
      close: () => Promise.resolve(),
    },
    time,
  );
  const blocks: Block[] = Array.from({ length: 5 + among(40) }, (_, number) => ({
    number,
    arrives: among(60),
    priority: among(4) === 0 ? 'high' : 'normal',
    limit: among(5) === 0 ? among(10) : 1000,
    lasts: among(12),
    aborts: among(6) === 0 ? among(40) : Infinity,
  }));
  const endings = new Map<number, Ending>();
  /** Blocks in the order in which they asked, and those that got a connection, by priority. */
  const asked: Record<Block['priority'], number[]> = { high: [], normal: [] };
  const got: Record<Block['priority'], number[]> = { high: [], normal: [] };
  let most = 0;

  const run = async ({ number, arrives, priority, limit, lasts, aborts }: Block): Promise<void> => {
    await time.sleep(arrives);
    const controller = new AbortController();
    const calm =
      aborts === Infinity ? () => undefined : time.alarm(aborts, () => controller.abort(new Error('aborted')));
    asked[priority].push(number);
    let ending: Ending;
    try {
      await lane.with(
        { priority, limit, signal: controller.signal },
        { label: `block ${String(number)}`, trace: undefined },
        async (handle) => {
          got[priority].push(number);
          expect(inUse.has(handle), 'two blocks have one connection').toBe(false);
          inUse.add(handle);
          most = Math.max(most, inUse.size);
          await time.sleep(lasts);
          inUse.delete(handle);
          if (among(10) === 0) broken.add(handle);
          if (among(10) === 0) throw new Error('the block failed');
        },
      );
      ending = 'ran';
    } catch (error) {
      ending = endingOf(error);
    }
    calm();
    expect(endings.has(number), 'a block ended twice').toBe(false);
    endings.set(number, ending);
  };
  const all = Promise.all(blocks.map(run));
  const closes = among(3) === 0 ? among(60) : Infinity;
  const calm = time.alarm(closes, () => lane.refuse(() => new ClosedError('The pool is closed.')));
  await time.until(all);
  calm();

  expect([...endings.keys()].sort((one, other) => one - other)).toEqual(blocks.map(({ number }) => number));
  expect(most).toBeLessThanOrEqual(capacity);
  expect(lane.stats).toMatchObject({ inUse: 0, waiting: 0 });
  expect(lane.stats.open).toBeLessThanOrEqual(capacity);
  for (const priority of ['high', 'normal'] as const) {
    const served = asked[priority].filter((number) => got[priority].includes(number));
    if (opensAtOnce) expect(got[priority], 'a block overtook another one').toEqual(served);
  }
}

function endingOf(error: unknown): Ending {
  if (error instanceof QueueFullError) return 'refused';
  if (error instanceof DeadlineError) return 'late';
  if (error instanceof ClosedError) return 'closed';
  const { message } = error as Error;
  if (message === 'aborted') return 'aborted';
  if (message === 'the block failed') return 'ran';
  throw error;
}

test('any order of asking, failing, aborting and closing: one block a connection, first come first served, each ends once', async () => {
  for (let seed = 1; seed <= 2000; seed += 1) {
    try {
      await simulate(seed);
    } catch (error) {
      throw new Error(`With seed ${String(seed)}: ${String(error)}`, { cause: error });
    }
  }
});

const block = (label: string) => ({ label, trace: undefined });

test('who has waited for too long is told who has the connection', async () => {
  const time = new SimulatedTime();
  const lane = new Lane<object>(
    { database: 'app.db', what: 'the writer', capacity: 1, bound: 1, leakAfter: 0 },
    { open: () => Promise.resolve({}), isOpen: () => true, close: () => Promise.resolve() },
    time,
  );
  const report = lane.with({ limit: 10 }, block('report'), () => time.sleep(100));
  await time.pass(0);
  const late = lane.with({ limit: 10 }, block('import'), () => Promise.resolve());
  const full = lane.with({ limit: 10 }, block('import'), () => Promise.resolve());
  await expect(full).rejects.toThrow("1 wait for the writer of app.db already. Held by 'report' for 0 ms.");
  await expect(time.until(late)).rejects.toThrow(
    "No turn for the writer of app.db in 10 ms. Held by 'report' for 10 ms.",
  );
  await time.until(report);
});

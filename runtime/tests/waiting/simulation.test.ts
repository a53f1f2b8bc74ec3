import { expect, test } from 'vitest';
import { DeadlineError } from '../../src/errors.ts';
import { Gate } from '../../src/transactions/gate.ts';
import { Patience } from '../../src/waiting/patience.ts';
import { seeded, SimulatedTime } from '../simulated-time.ts';

/** Runs a check for many seeds; the one that fails is named, and can be run alone. */
async function forSeeds(count: number, check: (seed: number) => Promise<void>): Promise<void> {
  for (let seed = 1; seed <= count; seed += 1) {
    try {
      await check(seed);
    } catch (error) {
      throw new Error(`With seed ${String(seed)}: ${String(error)}`, { cause: error });
    }
  }
}

test('a gate lets no statement into a transaction of another flow, keeps transactions apart and in order, and loses nobody', () =>
  forSeeds(1000, async (seed) => {
    const random = seeded(seed);
    const among = (count: number): number => Math.floor(random() * count);
    const time = new SimulatedTime(random);
    const gate = new Gate(time, 'the handle of the transaction');
    let transactions = 0;
    let statements = 0;
    const asked: number[] = [];
    const begun: number[] = [];
    const ended = new Set<number>();

    const statement = async (lasts: number): Promise<void> => {
      await gate.admit('run', async () => {
        expect(transactions, 'a statement within a transaction').toBe(0);
        statements += 1;
        await time.sleep(lasts);
        statements -= 1;
      });
    };
    const transaction = async (number: number, lasts: number, limit: number, aborts: number): Promise<void> => {
      const controller = new AbortController();
      const calm =
        aborts < Infinity ? time.alarm(aborts, () => controller.abort(new Error('aborted'))) : () => undefined;
      asked.push(number);
      try {
        await gate.exclusive({ limit, signal: controller.signal }, 'withTransaction', async () => {
          begun.push(number);
          transactions += 1;
          expect([transactions, statements], 'two at once').toEqual([1, 0]);
          await time.sleep(lasts);
          transactions -= 1;
          if (among(5) === 0) throw new Error('the callback failed');
        });
      } catch (error) {
        if (!(error instanceof DeadlineError)) expect((error as Error).message).toMatch(/aborted|failed/);
      }
      calm();
    };
    const flows = Array.from({ length: 4 + among(20) }, async (_, number) => {
      await time.sleep(among(40));
      if (among(2) === 0) await statement(among(6));
      else
        await transaction(number, among(8), among(4) === 0 ? among(10) : 1000, among(5) === 0 ? among(30) : Infinity);
      expect(ended.has(number)).toBe(false);
      ended.add(number);
    });
    await time.until(Promise.all(flows));
    expect(ended.size).toBe(flows.length);
    expect(begun, 'a transaction overtook another one').toEqual(asked.filter((number) => begun.includes(number)));
    expect(gate.waiting).toBe(0);
    await time.until(statement(0)).catch(() => expect.fail('the gate stayed shut'));
  }));

test('patience asks again and again, ends at its deadline and not before, and never asks after it was aborted', () =>
  forSeeds(1500, async (seed) => {
    const random = seeded(seed);
    const time = new SimulatedTime(random);
    const limit = Math.floor(random() * 200);
    const frees = random() * 300;
    const aborts = random() < 0.3 ? random() * 200 : Infinity;
    const controller = new AbortController();
    if (aborts < Infinity) time.alarm(aborts, () => controller.abort(new Error('aborted')));
    const patience = new Patience(time, limit);
    const wait = async (): Promise<'got it' | 'gave up'> => {
      for (;;) {
        if (time.now() >= frees) return 'got it';
        if (!(await patience.sleep(controller.signal))) return 'gave up';
      }
    };
    const outcome = await time.until(wait()).catch((error: unknown) => (error as Error).message);
    const now = time.now();
    if (outcome === 'gave up') expect(now).toBeGreaterThanOrEqual(limit);
    if (outcome === 'got it') expect(now - frees).toBeLessThanOrEqual(1.5);
    if (outcome === 'aborted') expect(now).toBeGreaterThanOrEqual(aborts);
    // It never waits for longer than one interval past whatever comes first. (While it yields, simulated time may jump to
    // the alarm of the abort.)
    if (aborts === Infinity) expect(now).toBeLessThanOrEqual(Math.min(limit, frees) + 1.5);
    expect(patience.attempts).toBeGreaterThanOrEqual(1);
  }));

import { describe, expect, test } from 'vitest';
import { WalHistory, type CheckpointPlan, type WalFile } from '../../src/checkpoints/policy.ts';
import { seeded } from '../simulated-time.ts';
import type { Checkpoint } from '../../src/channels.ts';

const PLAN: CheckpointPlan = { frames: 1000, interval: 60_000, truncateAt: 64 * 2 ** 20, starvation: 30_000 };
const PAGE = 4096;

function fileOf(frames: number, modified = frames): WalFile {
  return { bytes: frames === 0 ? 0 : 32 + frames * (24 + PAGE), modified, inode: 1 };
}

function answer(frames: number, checkpointed = frames, mode: Checkpoint['mode'] = 'passive'): Checkpoint {
  return { mode, frames, checkpointed, busy: false, duration: 0, bytes: fileOf(frames).bytes };
}

/** A history whose last checkpoint was at a time, with so many frames, all of them in the database. */
function historyAt(now: number, frames: number, checkpointed = frames): WalHistory {
  const history = new WalHistory(PLAN, PAGE);
  history.record(answer(frames, checkpointed), fileOf(frames), 'one', now);
  return history;
}

describe('a passive checkpoint', () => {
  test('is due at first, if there is anything in the WAL', () => {
    expect(new WalHistory(PLAN, PAGE).isDue(fileOf(1), 0)).toBe(true);
    expect(new WalHistory(PLAN, PAGE).isDue(fileOf(0), 0)).toBe(false);
  });

  test('is due when the WAL has enough new frames', () => {
    expect(historyAt(0, 500).isDue(fileOf(1499), 1)).toBe(false);
    expect(historyAt(0, 500).isDue(fileOf(1500), 1)).toBe(true);
  });

  test('is due when frames come in small steps', () => {
    const history = historyAt(0, 500);
    const due = Array.from({ length: 20 }, (_, step) => history.isDue(fileOf(500 + step * 100), step));
    expect(due.indexOf(true)).toBe(10);
  });

  test('is due again when one came before a transaction had committed that the file had grown by', () => {
    const history = historyAt(0, 500);
    expect(history.isDue(fileOf(2000), 1)).toBe(true);
    history.record(answer(600), fileOf(2000), 'one', 2);
    expect(history.isDue(fileOf(2000), 3)).toBe(true);
    history.record(answer(2000), fileOf(2000), 'one', 4);
    expect(history.isDue(fileOf(2000), 5)).toBe(false);
  });

  test('is due after the interval, and once, for frames of a transaction that was rolled back', () => {
    const history = historyAt(0, 500);
    expect(history.isDue(fileOf(1600), 1)).toBe(true);
    history.record(answer(1400), fileOf(1600), 'one', 2);
    expect(history.isDue(fileOf(1600), 3)).toBe(false);
    expect(history.isDue(fileOf(1600), 60_002)).toBe(true);
    history.record(answer(1400), fileOf(1600), 'one', 60_002);
    expect(history.isDue(fileOf(1600), 1e9)).toBe(false);
  });

  test('is due after the interval if anything was written, though the file did not grow', () => {
    expect(historyAt(0, 500).isDue(fileOf(500, 7), 59_999)).toBe(false);
    expect(historyAt(0, 500).isDue(fileOf(500, 7), 60_000)).toBe(true);
  });

  test('is not due when nothing was written', () => {
    expect(historyAt(0, 500).isDue(fileOf(500), 1e9)).toBe(false);
  });

  test('is due sooner while frames wait', () => {
    expect(historyAt(0, 500, 100).isDue(fileOf(500), 7499)).toBe(false);
    expect(historyAt(0, 500, 100).isDue(fileOf(500), 7500)).toBe(true);
  });
});

describe('a truncation', () => {
  const large = 20_000;

  test('follows when the file is past its cap and all is in the database', () => {
    expect(historyAt(0, large).wantsTruncate(fileOf(large), 0)).toBe(true);
    expect(historyAt(0, 100).wantsTruncate(fileOf(100), 0)).toBe(false);
  });

  test('does not while frames wait: it would keep writers out in vain', () => {
    expect(historyAt(0, large, 100).wantsTruncate(fileOf(large), 0)).toBe(false);
  });

  test('that a reader prevented is tried again after the interval', () => {
    const history = historyAt(0, large);
    history.record({ ...answer(large, large, 'truncate'), busy: true }, fileOf(large), 'one', 10);
    expect(history.wantsTruncate(fileOf(large), 11)).toBe(false);
    expect(history.wantsTruncate(fileOf(large), 60_010)).toBe(true);
  });
});

describe('a starvation', () => {
  test('is told when the same frames have waited for so long', () => {
    const history = historyAt(1000, 500, 100);
    expect(history.starvation(30_999)).toBeUndefined();
    expect(history.starvation(31_000)).toEqual({ since: 1000, age: 30_000, frames: 500 });
    // The reader is there still, and more was written.
    history.record(answer(9000, 100), fileOf(9000), 'one', 41_000);
    expect(history.starvation(41_000)).toEqual({ since: 1000, age: 40_000, frames: 500 });
  });

  test('is over when those frames are in the database', () => {
    const history = historyAt(1000, 500, 100);
    history.record(answer(9000, 500), fileOf(9000), 'one', 41_000);
    expect(history.starvation(41_000)).toBeUndefined();
    expect(history.starvation(71_000)).toEqual({ since: 41_000, age: 30_000, frames: 9000 });
  });

  test('is over when the WAL began again', () => {
    const history = historyAt(1000, 500, 100);
    history.record(answer(800, 100), fileOf(800), 'two', 41_000);
    expect(history.starvation(41_000)).toBeUndefined();
  });

  test('is not what a checkpoint says that found another one running', () => {
    const history = historyAt(1000, 500);
    history.record({ ...answer(-1), busy: true }, fileOf(500), 'one', 2000);
    expect(history.starvation(1e9)).toBeUndefined();
  });

  test.each(Array.from({ length: 100 }, (_, index) => index + 1))(
    'is told if and only if a reader stays, whatever readers come and go (seed %i)',
    (seed) => {
      const random = seeded(seed);
      // Readers that stay for less than the limit, one after another without a gap, and at times one that stays.
      const stays = random() < 0.5;
      const history = new WalHistory(PLAN, PAGE);
      let log = 0;
      let checkpointed = 0;
      let generation = 0;
      let reader = { mark: 0, until: 0 };
      let told = false;
      let longest = 0;
      let since = 0;
      for (let now = 0; now < 400_000; now += 500) {
        log += Math.floor(random() * 50);
        if (now >= reader.until) {
          const forGood = stays && now > 100_000;
          reader = { mark: log, until: now + (forGood ? 1e9 : random() * 10_000) };
          since = now;
        }
        longest = Math.max(longest, now - since);
        const file = fileOf(log, now);
        if (history.isDue(file, now)) {
          checkpointed = Math.max(checkpointed, Math.min(log, reader.mark));
          history.record(answer(log, checkpointed), file, String(generation), now);
          if (checkpointed === log && random() < 0.5) {
            // The next writer begins at the first frame.
            [log, checkpointed, generation] = [0, 0, generation + 1];
            reader = { ...reader, mark: 0 };
          }
        }
        if (history.starvation(now)) told = true;
      }
      expect(told).toBe(stays);
      expect(longest > 30_000).toBe(stays);
    },
  );
});

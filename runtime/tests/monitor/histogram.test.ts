import { describe, expect, test } from 'vitest';
import { Histogram } from '../../src/monitor/histogram.ts';

/** Numbers from 0 to 1 that are the same for a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const DISTRIBUTIONS: Readonly<Record<string, (random: () => number) => number>> = {
  'uniform to a second': (random) => random() * 1000,
  'the logarithm uniform from 1 µs to 10 min': (random) => 0.001 * 6e8 ** random(),
  exponential: (random) => -Math.log(1 - random()) * 2,
  'two peaks': (random) => (random() < 0.9 ? 0.05 + random() * 0.01 : 400 + random() * 100),
  'one value': () => 12.5,
};
const PERCENTS = [0, 1, 25, 50, 75, 90, 99, 99.9, 100];

function exact(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1] ?? 0;
}

describe.each(Object.entries(DISTRIBUTIONS))('of %s', (_, draw) => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed + 1))('percentiles are right to 5 %% (seed %i)', (seed) => {
    const random = randomOf(seed);
    const values = Array.from({ length: 1 + Math.floor(random() * 3000) }, () => draw(random));
    const histogram = new Histogram();
    const halves = [new Histogram(), new Histogram()] as const;
    for (const [index, value] of values.entries()) {
      histogram.record(value);
      halves[index % 3 === 0 ? 0 : 1].record(value);
    }
    halves[0].merge(halves[1]);
    const sorted = values.toSorted((one, other) => one - other);
    for (const percent of PERCENTS) {
      const right = exact(sorted, percent);
      expect(Math.abs(histogram.percentile(percent) - right) / right).toBeLessThanOrEqual(0.05 + 1e-9);
      expect(halves[0].percentile(percent)).toBe(histogram.percentile(percent));
    }
    const { count, sum, min, max } = histogram.snapshot();
    expect({ count, min, max }).toEqual({ count: values.length, min: sorted[0], max: sorted.at(-1) });
    expect(sum).toBeCloseTo(
      values.reduce((total, value) => total + value, 0),
      3,
    );
    expect(halves[0].snapshot()).toEqual({
      ...histogram.snapshot(),
      sum: expect.closeTo(sum, 3) as number,
      mean: expect.closeTo(sum / count, 6) as number,
    });
  });
});

test('nothing recorded is 0 everywhere', () => {
  expect(Object.values(new Histogram().snapshot())).toEqual(Array.from({ length: 9 }, () => 0));
});

test('what is below and above the range is kept by the smallest and the greatest', () => {
  const histogram = new Histogram();
  for (const value of [0, 0.0001, 5_000_000]) histogram.record(value);
  expect(histogram.snapshot()).toMatchObject({ count: 3, min: 0, max: 5_000_000, p50: 0, p999: 5_000_000 });
});

test('what is no duration is left out', () => {
  const histogram = new Histogram();
  for (const value of [NaN, -1]) histogram.record(value);
  expect(histogram.snapshot().count).toBe(0);
});

test('reset forgets', () => {
  const histogram = new Histogram();
  histogram.record(5);
  histogram.reset();
  expect(histogram.snapshot()).toEqual(new Histogram().snapshot());
  histogram.record(7);
  expect(histogram.snapshot()).toMatchObject({ count: 1, min: 7, max: 7, p50: 7 });
});

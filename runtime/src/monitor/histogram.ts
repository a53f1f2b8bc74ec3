/** A percentile is at most this far from the exact one, relative to it. */
const ERROR = 0.05;
/** Each bucket is this much wider than the one before. */
const GROWTH = (1 + ERROR) / (1 - ERROR);
const PER_BUCKET = Math.log(GROWTH);
/** Milliseconds of the first bucket and all below: 1 µs. */
const LOWEST = 0.001;
/** Milliseconds from which on all is one bucket: 10 minutes. */
const HIGHEST = 600_000;
const BUCKETS = Math.ceil(Math.log(HIGHEST / LOWEST) / PER_BUCKET) + 2;

/** The figures of a histogram. All but `count` are milliseconds; 0 where nothing was recorded. */
export interface HistogramSnapshot {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
}

/**
 * How often which duration occurred, in buckets that grow exponentially. Percentiles from 1 µs to 10 min are right to
 * 5 %; `count`, `sum`, `min` and `max` are exact. It takes 1.7 kB, and nothing before the first value.
 */
export class Histogram {
  #counts: Float64Array | undefined;
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  /** @param milliseconds 0 or more; anything else is left out */
  record(milliseconds: number): void {
    if (!(milliseconds >= 0)) return;
    this.#add(bucketOf(milliseconds), 1);
    this.#count += 1;
    this.#sum += milliseconds;
    if (milliseconds < this.#min) this.#min = milliseconds;
    if (milliseconds > this.#max) this.#max = milliseconds;
  }

  /**
   * The smallest duration that at least `percent` of all do not exceed (nearest rank), in milliseconds; 0 of none.
   *
   * @param percent from 0 to 100
   */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#counts?.entries() ?? []) {
      seen += count;
      if (seen >= rank && count > 0) return this.#estimate(bucket);
    }
    return 0;
  }

  /** Takes up all that another has recorded. */
  merge(other: Histogram): void {
    for (const [bucket, count] of other.#counts?.entries() ?? []) if (count > 0) this.#add(bucket, count);
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  snapshot(): HistogramSnapshot {
    return {
      count: this.#count,
      sum: this.#sum,
      min: this.#count === 0 ? 0 : this.#min,
      max: this.#max,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      p50: this.percentile(50),
      p90: this.percentile(90),
      p99: this.percentile(99),
      p999: this.percentile(99.9),
    };
  }

  reset(): void {
    this.#counts = undefined;
    this.#count = 0;
    this.#sum = 0;
    this.#min = Infinity;
    this.#max = 0;
  }

  #add(bucket: number, count: number): void {
    this.#counts ??= new Float64Array(BUCKETS);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
  }

  /** The value that is relatively as far from the lower bound of a bucket as from the upper one. */
  #estimate(bucket: number): number {
    if (bucket === 0) return this.#min;
    if (bucket === BUCKETS - 1) return this.#max;
    const middle = (2 * LOWEST * GROWTH ** bucket) / (GROWTH + 1);
    return Math.min(Math.max(middle, this.#min), this.#max);
  }
}

/** Bucket i has what is above LOWEST * GROWTH^(i - 1) and at most LOWEST * GROWTH^i. */
function bucketOf(milliseconds: number): number {
  if (milliseconds <= LOWEST) return 0;
  return Math.min(Math.ceil(Math.log(milliseconds / LOWEST) / PER_BUCKET), BUCKETS - 1);
}

/** Rows that come one after another, and those that were read and are not written yet. */
export class RowSource<R> {
  readonly #iterator: Iterator<R> | AsyncIterator<R>;
  #read: R[] = [];
  #ended = false;

  constructor(rows: Iterable<R> | AsyncIterable<R>) {
    this.#iterator = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
  }

  async skip(count: number): Promise<void> {
    for (let skipped = 0; skipped < count && !this.#ended; skipped += 1) await this.#next();
    this.#read = [];
  }

  /** Reads until there are so many, and says how many there are: fewer at the end. */
  async fill(count: number): Promise<number> {
    while (this.#read.length < count && !this.#ended) await this.#next();
    return this.#read.length;
  }

  first(count: number): readonly R[] {
    return this.#read.slice(0, count);
  }

  drop(count: number): void {
    this.#read.splice(0, count);
  }

  /** Tells a source that was not read to its end that nobody will. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#iterator.return?.();
  }

  async #next(): Promise<void> {
    // Nothing is left to close when the source itself throws.
    this.#ended = true;
    const pending = this.#iterator.next();
    const result = 'then' in pending ? await pending : pending;
    if (result.done === true) return;
    this.#ended = false;
    this.#read.push(result.value);
  }
}

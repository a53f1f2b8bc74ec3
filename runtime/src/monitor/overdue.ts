/**
 * Finds what lasts longer than a limit, once each: while it lasts by a timer, or when it ends if the timer could not
 * run. There is one timer for all, it is unref'd, and it is not set while nothing lasts.
 */
export class Overdue<Item extends object> {
  readonly #limit: number;
  readonly #report: (item: Item, lasted: number) => void;
  /** When each began. What began first is first, so that only the front has to be looked at. */
  readonly #lasting = new Map<Item, number>();
  readonly #reported = new WeakSet<Item>();
  #timer: NodeJS.Timeout | undefined;

  /** @param limit milliseconds */
  constructor(limit: number, report: (item: Item, lasted: number) => void) {
    this.#limit = limit;
    this.#report = report;
  }

  /** @param since milliseconds of `performance.now` */
  begin(item: Item, since: number): void {
    this.#lasting.set(item, since);
    if (this.#timer === undefined) this.#arm(since);
  }

  /** Whether what ended now is to be reported still. */
  end(item: Item, lasted: number): boolean {
    this.#lasting.delete(item);
    return lasted >= this.#limit && !this.#reported.has(item);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lasting.clear();
  }

  #arm(since: number): void {
    const rest = Math.max(1, Math.ceil(since + this.#limit - performance.now()));
    this.#timer = setTimeout(() => this.#look(), rest).unref();
  }

  #look(): void {
    this.#timer = undefined;
    for (const [item, since] of this.#lasting) {
      const lasted = performance.now() - since;
      if (lasted < this.#limit) {
        this.#arm(since);
        return;
      }
      this.#lasting.delete(item);
      this.#reported.add(item);
      this.#report(item, lasted);
    }
  }
}

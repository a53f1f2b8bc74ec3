/** How often each key was counted. */
export class Tally extends Map {
  constructor(keys = []) {
    super();
    for (const key of keys) this.add(key);
  }

  add(key) {
    this.set(key, this.of(key) + 1);
  }

  of(key) {
    return this.get(key) ?? 0;
  }

  sum() {
    return [...this.values()].reduce((sum, number) => sum + number, 0);
  }
}

/** The items of a list that another has less often: lists are compared as multisets. */
export function missingIn(others, items) {
  const left = new Tally(others);
  return items.filter((item) => {
    left.set(item, left.of(item) - 1);
    return left.of(item) < 0;
  });
}

import { activationIdOf } from './activation.ts';
import { copied } from './tables.ts';
import type { Live } from './reach.ts';
import { mayLead, type SlotKey, type Value } from './values.ts';

/** What the variables of one activation hold. */
interface Part {
  readonly values: Map<SlotKey, Value>;
  /** The table that may change it; the others copy it first. */
  readonly owner: object;
  /** Those of the values that lead to objects, as far as that was asked since the last change. */
  references: readonly (readonly [SlotKey, Value])[] | null;
}

/**
 * The variables of a state, by activation. A fork shares all of them, and copies the few of an activation when it first
 * changes one of these, so that states that went different ways differ only where they did something.
 */
export class VariableTable {
  #parts: Map<number, Part>;
  #isShared: boolean;
  #owner: object | null = null;

  constructor(parts = new Map<number, Part>(), isShared = false) {
    this.#parts = parts;
    this.#isShared = isShared;
  }

  fork(): VariableTable {
    this.#isShared = true;
    this.#owner = null;
    return new VariableTable(this.#parts, true);
  }

  get(key: SlotKey): Value | undefined {
    return this.#parts.get(activationIdOf(key))?.values.get(key);
  }

  set(key: SlotKey, value: Value): void {
    if (this.get(key) === value) return;
    this.#own(activationIdOf(key)).set(key, value);
  }

  delete(key: SlotKey): void {
    const activation = activationIdOf(key);
    if (!this.#parts.get(activation)?.values.has(key)) return;
    const values = this.#own(activation);
    values.delete(key);
    if (values.size === 0) this.#parts.delete(activation);
  }

  same(other: VariableTable): boolean {
    return this.#parts === other.#parts;
  }

  *entries(): Generator<readonly [SlotKey, Value]> {
    for (const { values } of this.#parts.values()) yield* values;
  }

  /** Activations whose variables may not be those of another table. */
  *changedSince(other: VariableTable): Generator<readonly [number, ReadonlyMap<SlotKey, Value>]> {
    if (this.#parts === other.#parts) return;
    for (const [activation, part] of this.#parts)
      if (other.#parts.get(activation) !== part) yield [activation, part.values];
  }

  /** Ids of activations that have variables here. */
  activations(): Iterable<number> {
    return this.#parts.keys();
  }

  /** What an activation's variables hold. */
  of(activation: number): ReadonlyMap<SlotKey, Value> | null {
    return this.#parts.get(activation)?.values ?? null;
  }

  /** Variables of an activation that lead to objects. */
  references(activation: number): readonly (readonly [SlotKey, Value])[] {
    const part = this.#parts.get(activation);
    return part ? (part.references ??= [...part.values].filter(([, value]) => mayLead(value))) : [];
  }

  /** Forgets all but some activations, and of those some variables. */
  retain(activations: Live, others: ReadonlySet<SlotKey>): void {
    for (const [activation, { values }] of [...this.#parts]) {
      if (activations.has(activation)) continue;
      for (const key of [...values.keys()]) if (!others.has(key)) this.delete(key);
    }
  }

  /** The variables of an activation, to be changed. */
  #own(activation: number): Map<SlotKey, Value> {
    if (this.#isShared) {
      this.#parts = copied(this.#parts);
      this.#isShared = false;
    }
    const there = this.#parts.get(activation);
    if (there?.owner === this.#owner) {
      there.references = null;
      return there.values;
    }
    const owner = (this.#owner ??= {});
    const part: Part = { values: there ? copied(there.values) : new Map<SlotKey, Value>(), owner, references: null };
    this.#parts.set(activation, part);
    return part.values;
  }
}

import { memberType, type TypeInfo } from './types.ts';
import type { FunctionIR } from './ir.ts';

/** What a call of another module's function, or an instance of its class, tells about a parameter or a field there. */
export interface ToldFact {
  /** Path of the module that it is told about. */
  readonly module: string;
  readonly place: string;
  /** Null for something that has nothing to do with SQLite. */
  readonly info: TypeInfo | null;
}

/** What the rest of the project tells about parameters and fields of one module that have no type of their own. */
export class Told {
  readonly #places = new Map<string, TypeInfo | null>();

  constructor(facts: readonly ToldFact[]) {
    for (const { place, info } of facts) {
      const known = this.#places.get(place);
      this.#places.set(place, known === undefined ? info : known && info && agreed(known, info));
    }
  }

  get isEmpty(): boolean {
    return [...this.#places.values()].every((info) => info === null);
  }

  /** Null where callers disagree, as where there are none. */
  parameter(fn: FunctionIR, index: number): TypeInfo | null {
    const name = functionName(fn);
    return name === null ? null : (this.#places.get(parameterPlace(name, index)) ?? null);
  }

  field(className: string, name: string): TypeInfo | null {
    return this.#places.get(fieldPlace(className, name)) ?? null;
  }
}

/**
 * The name by which functions of a module are told from each other, also in a text that is just being edited; null where
 * there is none.
 */
export function functionName(fn: FunctionIR): string | null {
  if (fn.name === '' || fn.outer !== fn.module.program) return null;
  return fn.cls ? `${fn.cls.name}.${fn.name}` : fn.name;
}

export function parameterPlace(functionName: string, index: number): string {
  return `${functionName}(${index})`;
}

export function fieldPlace(className: string, name: string): string {
  return `${className}#${name}`;
}

/** What two callers tell; null where they disagree. */
export function agreed(first: TypeInfo, second: TypeInfo): TypeInfo | null {
  switch (first.kind) {
    case 'handle':
      return second.kind === 'handle' ? eitherDriver(first, second) : null;
    case 'layer':
      return second.kind === 'layer' && second.layer === first.layer ? first : null;
    case 'class':
      return second.kind === 'class' && second.cls === first.cls ? first : null;
    case 'object':
      return second.kind === 'object' ? joined(first, second) : null;
    default:
      return null;
  }
}

/**
 * Code that runs with one of two drivers uses what both have: it is as wrong with either. The choice is by name, so that
 * it does not depend on who was read first.
 */
function eitherDriver(first: TypeInfo & { kind: 'handle' }, second: TypeInfo & { kind: 'handle' }): TypeInfo | null {
  if (first.driver.synchronous !== second.driver.synchronous) return null;
  return first.driver.id <= second.driver.id ? first : second;
}

/** An object that has what either has, where they do not disagree. */
function joined(first: TypeInfo, second: TypeInfo): TypeInfo {
  const known = new Map<string, TypeInfo | null>();
  const find = (name: string): TypeInfo | null => {
    const one = memberType(first, name);
    const other = memberType(second, name);
    return one && other ? agreed(one, other) : (one ?? other);
  };
  return {
    kind: 'object',
    member: (name) => {
      let info = known.get(name);
      if (info === undefined) known.set(name, (info = find(name)));
      return info;
    },
  };
}

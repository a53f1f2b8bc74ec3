import type { FunctionUnit } from './units.ts';
import type { ImportBinding, Slot, TypeRef, Variable } from '../ir.ts';
import type { TypeInfo } from '../types.ts';
import type { Node } from './syntax.ts';

/** A variable as the front end builds it; the solver sees it as `Variable`. */
export interface Binding extends Variable {
  readonly owner: FunctionUnit;
  readonly imported?: ImportBinding;
  type: TypeRef | null;
  constant: boolean;
  captured: boolean;
  relevant: boolean;
  calledOnly: boolean;
  parameter: boolean;
  /** What becomes relevant with it. */
  readonly flowsTo: Set<Binding | FunctionUnit | ClassFlow>;
  /** The class or function that it names. */
  names: Node | null;
}

/** A class, as far as relevance goes. */
export interface ClassFlow {
  readonly cls: { relevant: boolean };
  readonly flowsTo: Set<Binding | FunctionUnit | ClassFlow>;
}

/** A named type: an interface, a type alias, an enum. */
export interface TypeSymbol {
  readonly declarations: Node[];
  readonly flows: Binding;
}

/** What a generic type is given for a parameter of its own. */
export interface TypeArgument {
  readonly argument: TypeInfo | null;
}

export class Scope {
  readonly parent: Scope | null;
  readonly owner: FunctionUnit;
  /** Where `var` goes. */
  readonly hoists: boolean;
  /** Made when first needed, like the next two: most blocks declare nothing. */
  #names: Map<string, Binding> | null = null;
  #types: Map<string, TypeSymbol> | null = null;
  #arguments: Map<string, TypeArgument> | null = null;

  constructor(parent: Scope | null, owner: FunctionUnit, hoists: boolean) {
    this.parent = parent;
    this.owner = owner;
    this.hoists = hoists;
  }

  /** Declares a name, or returns what it is declared as. */
  declare(name: string, imported?: ImportBinding): Binding {
    this.#names ??= new Map();
    const there = this.#names.get(name);
    if (there) return there;
    const binding = newBinding(name, this.owner, this.owner.newSlot(), imported);
    this.#names.set(name, binding);
    return binding;
  }

  declareType(name: string, declaration: Node): TypeSymbol {
    this.#types ??= new Map();
    let symbol = this.#types.get(name);
    if (!symbol) {
      symbol = { declarations: [], flows: newFlow(name, this.owner) };
      this.#types.set(name, symbol);
    }
    symbol.declarations.push(declaration);
    return symbol;
  }

  giveTypeArgument(name: string, argument: TypeInfo | null): void {
    this.#arguments ??= new Map();
    this.#arguments.set(name, { argument });
  }

  lookup(name: string): Binding | null {
    return this.#names?.get(name) ?? this.parent?.lookup(name) ?? null;
  }

  /** A type by name, or the variable that gives one its name (a class, an import). */
  lookupType(name: string): TypeSymbol | Binding | null {
    return this.#types?.get(name) ?? this.#names?.get(name) ?? this.parent?.lookupType(name) ?? null;
  }

  /** What stands for a type parameter of the generic type that is being read. */
  lookupTypeArgument(name: string): TypeArgument | null {
    const own = this.#arguments?.get(name);
    if (own) return own;
    return this.#types?.has(name) || this.#names?.has(name) ? null : (this.parent?.lookupTypeArgument(name) ?? null);
  }

  /** Variables declared here that may hold a handle and that nothing outlives. */
  ending(): Binding[] {
    return [...(this.#names?.values() ?? [])].filter(
      (binding) => binding.relevant && !binding.captured && !binding.imported,
    );
  }

  hoisting(): Scope {
    return this.hoists || !this.parent ? this : this.parent.hoisting();
  }
}

/** Something that values flow through and that is no variable. */
export function newFlow(name: string, owner: FunctionUnit): Binding {
  return newBinding(name, owner, -1);
}

function newBinding(name: string, owner: FunctionUnit, slot: Slot, imported?: ImportBinding): Binding {
  return {
    name,
    owner,
    slot,
    ...(imported && { imported }),
    type: null,
    constant: true,
    captured: false,
    relevant: false,
    calledOnly: false,
    parameter: false,
    flowsTo: new Set(),
    names: null,
  };
}

export function isTypeSymbol(found: TypeSymbol | Binding): found is TypeSymbol {
  return 'declarations' in found;
}

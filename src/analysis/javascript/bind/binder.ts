import { Scope, type Binding } from '../scope.ts';
import type { Flow, Relevance } from './relevance.ts';
import type { TypeRef } from '../../ir.ts';
import { annotationOf, type Node } from '../syntax.ts';
import type { ClassUnit, FunctionUnit, ModuleUnit } from '../units.ts';

/** Where a node stands. */
export interface Place {
  readonly scope: Scope;
  readonly fn: FunctionUnit;
  readonly cls: ClassUnit | null;
  /** Variables, classes and functions that receive the value being computed. */
  readonly targets: readonly Flow[];
}

/** How a name is used. */
export type Role = 'callee' | 'write' | 'value' | 'type' | 'export';

export interface Reference {
  readonly name: string;
  readonly role: Role;
  readonly place: Place;
}

/** What is gathered while a module is visited, to be put together at the end: a declaration may stand below its uses. */
export class Binder {
  readonly module: ModuleUnit;
  readonly relevance: Relevance;
  readonly references: Reference[] = [];
  readonly localExports: { readonly exported: string; readonly local: string; readonly scope: Scope }[] = [];
  /** Variables that name a function. */
  readonly functionVariables: Binding[] = [];
  /** What is relevant by itself. */
  readonly seeds: Flow[] = [];

  constructor(module: ModuleUnit, relevance: Relevance) {
    this.module = module;
    this.relevance = relevance;
  }

  /** The place within a node that opens a scope. */
  open(node: Node, place: Place): Place {
    const scope = new Scope(place.scope, place.fn, false);
    this.module.scopes.set(node, scope);
    return { ...place, scope };
  }

  refer(name: string, role: Role, place: Place): void {
    this.references.push({ name, role, place });
  }

  /** The type that an annotation or a comment gives a pattern or a field. */
  typeOf(node: Node): Node | null {
    return annotationOf(node) ?? this.module.documentation.types.get(node) ?? null;
  }

  typeRef(node: Node, scope: Scope): TypeRef {
    return { module: this.module, node, scope };
  }
}

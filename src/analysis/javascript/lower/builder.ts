import { Scope } from '../scope.ts';
import { bare, type Node, type TSESTree } from '../syntax.ts';
import type { Block, Instruction, Primitive, Site, Slot, TypeRef } from '../../ir.ts';
import type { FunctionUnit, ModuleUnit } from '../units.ts';

/** Builds the IR of one function: the block that grows, the scope that names are looked up in, and the temporaries. */
export class Builder {
  readonly module: ModuleUnit;
  readonly #unit: FunctionUnit;
  #block: Instruction[] = [];
  #scope: Scope;
  /** The call that the next await waits for. */
  #awaits: { readonly call: Node; readonly site: Site } | null = null;

  constructor(unit: FunctionUnit) {
    this.#unit = unit;
    this.module = unit.module;
    this.#scope = unit.scope ?? new Scope(null, unit, true);
  }

  emit(instruction: Instruction): void {
    this.#block.push(instruction);
  }

  temporary(): Slot {
    return this.#unit.newSlot();
  }

  site(node: Node): Site {
    if (this.#awaits?.call === node) return { module: this.module, node, awaits: this.#awaits.site };
    return { module: this.module, node };
  }

  /** The site of a call, with its type arguments. */
  siteOfCall(node: TSESTree.CallExpression): Site {
    const types = node.typeArguments?.params.map((type) => this.type(type));
    return types ? { ...this.site(node), types } : this.site(node);
  }

  /** The site of an await, which is told of the call that it waits for. */
  siteOfAwait(node: TSESTree.AwaitExpression): Site {
    const site = this.site(node);
    this.#awaits = { call: bare(node.argument), site };
    return site;
  }

  type(node: Node): TypeRef {
    return { module: this.module, node, scope: this.#scope };
  }

  /** Collects what a function emits into a block of its own. */
  nested(emit: () => void): Block {
    const outer = this.#block;
    const block: Instruction[] = [];
    this.#block = block;
    emit();
    this.#block = outer;
    return block;
  }

  /** Emits in the scope that a node opens. */
  inScope(node: Node, emit: () => void): void {
    const outer = this.#scope;
    this.#scope = this.module.scopes.get(node) ?? outer;
    emit();
    this.#scope = outer;
  }

  /** Emits statements with the variables that end with them. */
  blockOf(node: Node, emit: () => void): void {
    const variables = this.#scope.hoists ? [] : this.#scope.ending();
    if (variables.length > 0) this.emit({ op: 'block', body: this.nested(emit), variables, site: this.site(node) });
    else emit();
  }

  constant(value: Primitive, site?: Site): Slot {
    const to = this.temporary();
    this.emit({ op: 'constant', to, value, ...(site && { site }) });
    return to;
  }

  unknown(): Slot {
    const to = this.temporary();
    this.emit({ op: 'unknown', to });
    return to;
  }

  copy(from: Slot): Slot {
    const to = this.temporary();
    this.emit({ op: 'copy', to, from });
    return to;
  }

  drop(from: Slot): void {
    this.emit({ op: 'drop', from });
  }

  /** Moves a temporary into another one. */
  move(from: Slot, to: Slot): void {
    this.emit({ op: 'copy', to, from });
    this.emit({ op: 'drop', from });
  }

  /** Reads a name: a variable, or else a global. */
  load(name: string): Slot {
    const to = this.temporary();
    const binding = this.#scope.lookup(name);
    if (binding) this.emit({ op: 'load', to, variable: binding });
    else if (name === 'undefined') this.emit({ op: 'constant', to, value: undefined });
    else this.emit({ op: 'global', to, name });
    return to;
  }

  /** Moves a temporary into what a name stands for. */
  store(name: string, from: Slot, node: Node): void {
    const binding = this.#scope.lookup(name);
    if (binding) this.emit({ op: 'store', variable: binding, from, site: this.site(node) });
    else this.emit({ op: 'escape', from, stored: true });
  }
}

import { Asides, quietly } from './asides.ts';
import { slotKey, type Activation } from './activation.ts';
import { classSite, getField, memberOf, type ClassValue } from './objects.ts';
import { runConstructor, runFunction, runProgram } from './roots.ts';
import { SILENT } from './recorder.ts';
import { sharedVersion } from './shared.ts';
import { Solver } from './solver.ts';
import { asideFrame, type Frame } from './frame.ts';
import type { Kept } from './kept.ts';
import { State } from './state.ts';
import { materialize } from './typed.ts';
import { isNullish, UNKNOWN, type ObjectId, type SlotKey, type Value } from './values.ts';
import { TypeReader } from '../javascript/types.ts';
import { memberType, type TypeInfo } from '../types.ts';
import type { HeapObject, RecordObject } from './heap.ts';
import type { ClassIR, FunctionIR, ModuleIR, TypeRef, Variable } from '../ir.ts';
import type { Catalogue } from '../../drivers/catalogue.ts';
import type { Project, Reach } from '../modules/project.ts';
import type { Told } from '../told.ts';

/** What a module holds once its statements have run. */
export interface ModuleState {
  readonly activation: Activation;
  readonly variables: ReadonlyMap<SlotKey, Value>;
  readonly heap: ReadonlyMap<ObjectId, HeapObject>;
  /** Modules that it loaded: what they hold may be in its own variables, as after `require`. */
  readonly loaded: readonly ModuleIR[];
}

/** Steps for looking at a function beside the way. */
const MOST_STEPS_ASIDE = 4_000;

/** What functions know of each other across the modules of a project. */
export class World {
  readonly project: Project;
  readonly reach: Reach;
  readonly types: TypeReader;
  readonly catalogue: Catalogue;
  readonly asides: Asides;
  /** The module being linted, which stands for its file. */
  #current: ModuleIR | null = null;
  /** What other modules tell about it. */
  #told: Told | null = null;
  readonly #states = new Map<ModuleIR, ModuleState>();
  readonly #solvers = new Map<ModuleIR, Solver>();
  readonly #loading = new Map<ModuleIR, ModuleState>();
  readonly #types = new Map<ModuleIR, Map<TypeRef, TypeInfo | null>>();
  /** Modules that import something of a module, as far as that was asked. */
  readonly #importers = new Map<ModuleIR, Set<ModuleIR>>();
  readonly #exemplars = new WeakSet<ClassIR>();
  readonly #parameters = new WeakMap<FunctionIR, boolean>();
  /** What functions are given by the builder that they were handed to. */
  readonly #contexts = new WeakMap<FunctionIR, TypeInfo>();

  constructor(project: Project, reach: Reach, foreignWork: readonly string[]) {
    this.project = project;
    this.catalogue = project.catalogue;
    this.asides = new Asides(this, foreignWork);
    this.reach = reach;
    this.types = new TypeReader({ moduleOf: (from, specifier) => this.moduleOf(from, specifier) });
  }

  /** Analyses one module: its own text counts, which need not be that of the file on the disk. */
  during<T>(module: ModuleIR, solver: Solver, told: Told | null, run: () => T): T {
    const isSaved = this.project.module(module.path, this.reach) === module;
    const before = { solver: this.#solvers.get(module), state: this.#states.get(module) };
    this.#current = module;
    this.#told = told;
    this.#solvers.set(module, solver);
    this.#loading.set(module, {
      activation: solver.activations.enter(module.program, null, null, null),
      variables: new Map(),
      heap: new Map(),
      loaded: [],
    });
    try {
      return run();
    } finally {
      this.#current = null;
      this.#told = null;
      if (isSaved) {
        // For other modules it is again what it was before: the run of one module must not change those after it.
        this.#loading.delete(module);
        restore(this.#solvers, module, before.solver);
        restore(this.#states, module, before.state);
      } else {
        this.#forgetImportersOf(module);
      }
    }
  }

  moduleOf(from: ModuleIR, specifier: string): ModuleIR | null {
    const found = this.project.moduleOf(from.path, specifier, this.reach);
    const module = found && this.#current?.path === found.path ? this.#current : found;
    if (module && module !== from) {
      let importers = this.#importers.get(module);
      if (!importers) this.#importers.set(module, (importers = new Set()));
      importers.add(from);
    }
    return module;
  }

  /** Forgets what was concluded about modules that saw the text of a module as it was linted just now. */
  #forgetImportersOf(module: ModuleIR): void {
    const stale = new Set([module]);
    for (const importer of stale) for (const next of this.#importers.get(importer) ?? []) stale.add(next);
    for (const known of stale) {
      this.#loading.delete(known);
      this.#states.delete(known);
      this.#solvers.delete(known);
      this.#types.delete(known);
      this.#importers.delete(known);
      for (const cls of known.classes) this.#exemplars.delete(cls);
      for (const fn of known.functions) {
        this.asides.forget(fn);
        this.#parameters.delete(fn);
      }
    }
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Types

  typeOf(type: TypeRef): TypeInfo | null {
    let known = this.#types.get(type.module);
    if (!known) this.#types.set(type.module, (known = new Map<TypeRef, TypeInfo | null>()));
    let info = known.get(type);
    if (info === undefined) known.set(type, (info = this.types.read(type)));
    return info;
  }

  /** What a method of a typed object returns. */
  returnOf(solver: Solver, state: State, frame: Frame, record: RecordObject, name: string): Value | null {
    const member = record.info && memberType(record.info, name);
    const returned = member?.kind === 'function' ? member.returns() : null;
    if (!returned) return null;
    const value = materialize(solver, state, frame, classSiteOf(record, frame), returned);
    return value.kind === 'unknown' ? null : value;
  }

  /** A function is called with what the first parameter's type says. */
  giveContext(fn: FunctionIR, given: TypeInfo): void {
    this.#contexts.set(fn, given);
  }

  hasContext(fn: FunctionIR): boolean {
    return this.#contexts.has(fn);
  }

  /** What a function of the module being analysed is given, by callers in other modules or by a builder. */
  toldParameter(fn: FunctionIR, index: number): TypeInfo | null {
    const given = index === 0 ? this.#contexts.get(fn) : undefined;
    if (given) return given;
    return fn.module === this.#current ? (this.#told?.parameter(fn, index) ?? null) : null;
  }

  /** What instances of a class of the module being analysed hold in a field. */
  toldField(cls: ClassIR, name: string): TypeInfo | null {
    return cls.module === this.#current ? (this.#told?.field(cls.name, name) ?? null) : null;
  }

  hasTypedHandleParameter(fn: FunctionIR): boolean {
    let known = this.#parameters.get(fn);
    if (known === undefined) this.#parameters.set(fn, (known = this.#typedHandle(fn)));
    return known;
  }

  hasUntypedParameter(fn: FunctionIR): boolean {
    return fn.body.some(
      (instruction) => instruction.op === 'argument' && !(instruction.type && this.typeOf(instruction.type)),
    );
  }

  #typedHandle(fn: FunctionIR): boolean {
    return fn.body.some((instruction) => {
      if (instruction.op !== 'argument' || !instruction.type) return false;
      const info = this.typeOf(instruction.type);
      return info !== null && this.#isHandle(info);
    });
  }

  #isHandle(info: TypeInfo): boolean {
    if (info.kind === 'nullable') return this.#isHandle(info.of);
    if (info.kind === 'union') return info.of.every((option) => this.#isHandle(option));
    return info.kind === 'external' && this.catalogue.isDatabaseModule(info.module);
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Modules

  /** The value of an import; `require` is the whole module as CommonJS hands it out. */
  importValue(solver: Solver, from: ModuleIR, specifier: string, name: string): Value {
    const path = name === '*' || name === 'default' || name === 'require' ? [] : [name];
    const database = this.project.databaseModule(from.path, specifier);
    if (database !== null) return { kind: 'external', module: database, path };
    if (!this.project.relevant(from.path, specifier, name, this.reach)) {
      if (!specifier.startsWith('.') && !this.moduleOf(from, specifier))
        return { kind: 'external', module: specifier, path };
      return { kind: 'imported', module: from, specifier, path: [name] };
    }
    const module = this.moduleOf(from, specifier);
    if (!module) return { kind: 'external', module: specifier, path };
    if (name === 'require') return this.#required(solver, module);
    return this.exportValue(solver, module, name);
  }

  exportValue(solver: Solver, module: ModuleIR, name: string): Value {
    if (name === '*') return { kind: 'namespace', module };
    const exported = module.exports.get(name);
    if (exported?.kind === 'from') return this.importValue(solver, module, exported.specifier, exported.name);
    if (exported) return this.variableValue(solver, exported.variable);
    for (const specifier of module.exportsAllOf) {
      const target = this.moduleOf(module, specifier);
      const value = target ? this.exportValue(solver, target, name) : UNKNOWN;
      if (value.kind !== 'unknown') return value;
    }
    if (module.exports.size > 0) return UNKNOWN;
    const exports = this.#required(solver, module);
    if (name === 'default') {
      const own = this.#recordField(solver, exports, 'default');
      return own ?? exports;
    }
    return this.#recordField(solver, exports, name) ?? UNKNOWN;
  }

  #recordField(solver: Solver, value: Value, name: string): Value | null {
    const record = value.kind === 'ref' ? solver.heap.get(value.id) : undefined;
    return record?.type === 'record' ? (record.fields.get(name) ?? null) : null;
  }

  /** What `require` of a module gives. */
  #required(solver: Solver, module: ModuleIR): Value {
    if (module.exports.size > 0) return { kind: 'namespace', module };
    this.attach(solver, module);
    const holder = this.#moduleVariable(solver, module, 'module');
    const exports = holder && this.#recordField(solver, holder, 'exports');
    return exports ?? this.#moduleVariable(solver, module, 'exports') ?? UNKNOWN;
  }

  #moduleVariable(solver: Solver, module: ModuleIR, name: 'module' | 'exports'): Value | null {
    const state = this.#states.get(module);
    // The two are the first variables that a module has.
    return state ? (solver.variables.get(slotKey(state.activation, name === 'module' ? 0 : 1)) ?? null) : null;
  }

  variableValue(solver: Solver, variable: Variable): Value {
    const { module } = variable.owner;
    if (variable.imported) return this.importValue(solver, module, variable.imported.specifier, variable.imported.name);
    if (variable.owner !== module.program) return UNKNOWN;
    const activation = this.attach(solver, module);
    if (!activation) return UNKNOWN;
    const key = slotKey(activation, variable.slot);
    const value = solver.variables.get(key) ?? UNKNOWN;
    if (value.kind !== 'unknown' && !isNullish(value)) return value;
    const kept = (module === solver.module ? solver : this.#solvers.get(module))?.kept.get(`$${key}`);
    if (!kept) return value;
    for (const [id, object] of kept.objects) if (!solver.heap.has(id)) solver.heap.set(id, object);
    return kept.value.kind === 'ref' ? { ...kept.value, nullable: true } : kept.value;
  }

  stepInto(solver: Solver, state: State, value: Value, step: string): Value {
    if (step === '()')
      return value.kind === 'external' ? { ...value, path: [...value.path, '()'] } : this.resultOf(solver, value);
    const frame = asideFrame(solver);
    return getField(solver, state, frame, value, step)[0]?.value ?? UNKNOWN;
  }

  /** What a function returns when it is called without known arguments: a shared handle, if any. */
  resultOf(solver: Solver, value: Value): Value {
    if (value.kind !== 'function') return UNKNOWN;
    const aside = this.aside(solver, value.fn.module);
    const [first] = quietly(() => runFunction(aside, value, UNKNOWN)) ?? [];
    if (!first) return UNKNOWN;
    const result = first.state.heap.get(first.value.kind === 'ref' ? first.value.id : -1);
    const settled = result?.type === 'promise' ? result.value : first.value;
    if (settled.kind !== 'ref') return UNKNOWN;
    for (const [id, object] of first.state.heap.map)
      if (!solver.heap.has(id)) solver.heap.set(id, sharedVersion(object));
    return settled;
  }

  /** The activation of a module's own variables. */
  moduleActivation(solver: Solver, owner: FunctionIR): Activation | null {
    return owner === owner.module.program ? this.attach(solver, owner.module) : null;
  }

  /** Loads a module, so that a solver sees what it holds. */
  attach(solver: Solver, module: ModuleIR): Activation | null {
    const state = this.#stateOf(module);
    if (module !== solver.module) solver.loaded.add(module);
    if (solver.moduleActivations.has(state.activation.id)) return state.activation;
    solver.moduleActivations.add(state.activation.id);
    for (const [key, value] of state.variables) solver.variables.set(key, value);
    for (const [id, object] of state.heap) solver.heap.set(id, object);
    for (const loaded of state.loaded) this.attach(solver, loaded);
    return state.activation;
  }

  /** Keeps what the statements of a module left behind. */
  keepState({ module, loaded }: Solver, activation: Activation, states: readonly State[]): ModuleState {
    const variables = new Map<SlotKey, Value>();
    const heap = new Map<ObjectId, HeapObject>();
    for (const state of states) {
      for (const [key, value] of state.variables.entries()) {
        const there = variables.get(key);
        if (!there || isNullish(there)) variables.set(key, value);
      }
      for (const [id, object] of state.heap.map) {
        const there = heap.get(id);
        // A connection that could not be opened is none that anybody uses.
        if (!there || (there.type === 'connection' && there.status === 'failed')) heap.set(id, sharedVersion(object));
      }
    }
    const kept: ModuleState = { activation, variables, heap, loaded: [...loaded] };
    this.#states.set(module, kept);
    this.#loading.delete(module);
    return kept;
  }

  #stateOf(module: ModuleIR): ModuleState {
    const known = this.#states.get(module) ?? this.#loading.get(module);
    if (known) return known;
    const solver = this.#solverOf(module);
    const activation = solver.activations.enter(module.program, null, null, null);
    this.#loading.set(module, { activation, variables: new Map(), heap: new Map(), loaded: [] });
    try {
      quietly(() => runProgram(solver));
    } finally {
      this.#loading.delete(module);
    }
    return this.#states.get(module) ?? this.keepState(solver, activation, []);
  }

  #solverOf(module: ModuleIR): Solver {
    let solver = this.#solvers.get(module);
    if (!solver) this.#solvers.set(module, (solver = new Solver(this, module, SILENT)));
    return solver;
  }

  /** A solver for looking at something beside the way; `state` tells what a module holds that is still being loaded. */
  aside(solver: Solver, module: ModuleIR, state?: State): Solver {
    const aside = new Solver(this, module, SILENT);
    aside.kept = (module === solver.module ? solver : this.#solverOf(module)).kept;
    this.attach(aside, module);
    if (state && module === solver.module && this.#loading.has(module)) {
      for (const [key, value] of solver.variables) aside.variables.set(key, value);
      for (const [key, value] of state.variables.entries()) aside.variables.set(key, value);
      for (const [id, object] of solver.heap) aside.heap.set(id, sharedVersion(object));
      for (const [id, object] of state.heap.map) aside.heap.set(id, sharedVersion(object));
    }
    aside.limit = MOST_STEPS_ASIDE;
    return aside;
  }

  /** Whether the statements of a module are being run, so that what it holds is not all there yet. */
  isLoading(module: ModuleIR): boolean {
    return this.#loading.has(module);
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Classes

  classValue(solver: Solver, cls: ClassIR): ClassValue | null {
    if (cls.outer !== cls.module.program) return null;
    const activation = this.attach(solver, cls.module);
    for (const value of solver.variables.values()) if (value.kind === 'class' && value.cls === cls) return value;
    return activation && { kind: 'class', cls, scope: activation, statics: -cls.id - 1, parent: null };
  }

  /** The handle that a class keeps in a field, as its constructor or another of its methods put it there. */
  keptField(solver: Solver, cls: ClassIR, slot: string): Kept | null {
    const owner = cls.module === solver.module ? solver : this.#solverOf(cls.module);
    const known = owner.kept.get(slot);
    // While its module is being loaded, its methods would not find what they use.
    if (known || cls.module === this.#current || this.#exemplars.has(cls) || this.#loading.has(cls.module))
      return known ?? null;
    this.#exemplars.add(cls);
    this.attach(owner, cls.module);
    const value = this.classValue(owner, cls);
    if (!value) return null;
    quietly(() => runConstructor(owner, value));
    for (const fn of new Set([...cls.assigned.values()].flatMap((writers) => [...writers]))) {
      if (fn === cls.constructorFunction || !fn.relevant || fn.cls !== cls) continue;
      quietly(() => {
        const state = new State();
        const self = this.instanceOf(owner, state, value);
        return runFunction(owner, { kind: 'function', fn, scope: value.scope, self }, self, state);
      });
    }
    return owner.kept.get(slot) ?? null;
  }

  /** An instance of a class that somebody else made. */
  instanceOf(solver: Solver, state: State, cls: ClassValue): Value {
    return solver.allocate(state, asideFrame(solver), classSite(cls.cls), 'instance', exemplar(cls));
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Other modules' functions and drivers

  /** A function or class of a module that has nothing to do with SQLite. */
  resolveImported(solver: Solver, value: Value & { kind: 'imported' }): Value {
    const module = this.moduleOf(value.module, value.specifier);
    const [first, ...rest] = value.path;
    if (!module || first === undefined) return UNKNOWN;
    let found = first === 'require' ? this.#required(solver, module) : this.exportValue(solver, module, first);
    const state = new State();
    const frame = asideFrame(solver);
    for (const step of rest) {
      if (step === 'new') {
        if (found.kind !== 'class') return UNKNOWN;
        continue; // methods are looked up in the class
      }
      found =
        found.kind === 'class' && rest.includes('new')
          ? methodOf(found, step)
          : (getField(solver, state, frame, found, step)[0]?.value ?? UNKNOWN);
    }
    return found.kind === 'imported' ? this.resolveImported(solver, found) : found;
  }

  opensConnection(value: Value): boolean {
    return (
      value.kind === 'external' &&
      this.catalogue.driverOf(value.module)?.exports[value.path.join('.')]?.kind === 'connection'
    );
  }

  /** What a module hands out under a name; `require` is all of it as CommonJS does. */
  handedOut(solver: Solver, module: ModuleIR, name: string): Value {
    return name === 'require' ? this.#required(solver, module) : this.exportValue(solver, module, name);
  }

  /** A solver for what a module itself holds, beside the way. */
  asideOf(module: ModuleIR): Solver {
    return this.aside(this.#solverOf(module), module);
  }
}

function methodOf(cls: ClassValue, name: string): Value {
  const found = memberOf(cls, name, false);
  return found?.member.fn ? { kind: 'function', fn: found.member.fn, scope: found.cls.scope, self: UNKNOWN } : UNKNOWN;
}

function exemplar(cls: ClassValue): RecordObject {
  return { type: 'record', fields: new Map(), cls, info: null, open: true, shared: true };
}

function classSiteOf(record: RecordObject, frame: Frame): { module: ModuleIR; node: FunctionIR['node'] } {
  return record.cls ? classSite(record.cls.cls) : { module: frame.fn.module, node: frame.fn.node };
}

function restore<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

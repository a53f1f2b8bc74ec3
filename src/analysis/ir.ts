/**
 * The intermediate representation: what a front end (JavaScript and TypeScript here) lowers a module to, and all that the
 * solver reads. It is a structured program over slots, without any syntax of the source language.
 *
 * A slot is a number within a function's frame: first its variables, then temporaries. A temporary is read exactly once
 * (`copy` where it is needed twice), so that it vanishes from the abstract state with its use.
 */

/** A node of the source's syntax tree. The solver only compares and hands on nodes. */
export interface SourceNode {
  readonly type: string;
  readonly range: readonly [number, number];
}

/** A place in the source. */
export interface Site {
  readonly module: ModuleIR;
  readonly node: SourceNode;
  /** The await that waits for the result of the call that stands here. */
  readonly awaits?: Site;
  /** Type arguments of the call that stands here. */
  readonly types?: readonly TypeRef[];
}

export type Slot = number;

export interface Variable {
  readonly name: string;
  /** The function whose frame holds it. */
  readonly owner: FunctionIR;
  readonly slot: Slot;
  /** Set where the variable is an import. */
  readonly imported?: ImportBinding;
  /** Type annotation of its declaration. */
  type: TypeRef | null;
  /** Assigned once, where it is declared. */
  constant: boolean;
  /** Given by whoever calls its owner. */
  readonly parameter: boolean;
  /** Read or written by a function nested in its owner. */
  captured: boolean;
  /** Names something that has to do with SQLite, as far as names and assignments tell. */
  relevant: boolean;
  /** The only uses are direct calls in this module, so that every caller is known. */
  calledOnly: boolean;
}

/** `name` is `*` for the module's namespace and `default` for its default export. */
export interface ImportBinding {
  readonly specifier: string;
  readonly name: string;
}

/** A type annotation, kept as the front end left it; `TypeInfo` is what it means. */
export interface TypeRef {
  readonly module: ModuleIR;
  readonly node: SourceNode;
  /** The front end's scope, opaque here. */
  readonly scope: unknown;
}

export type Block = readonly Instruction[];

export interface Argument {
  readonly from: Slot;
  readonly spread: boolean;
}

export interface Entry {
  /** Null for a computed name that is not known. */
  readonly name: string | null;
  readonly from: Slot;
  readonly kind: 'value' | 'spread' | 'get' | 'set';
  readonly site: Site;
}

export type Primitive = string | number | boolean | null | undefined;

export type Instruction =
  | { readonly op: 'constant'; readonly to: Slot; readonly value: Primitive; readonly site?: Site }
  /** Text put together of known pieces and values. `continues` where it adds to the text that the first part holds. */
  | {
      readonly op: 'text';
      readonly to: Slot;
      readonly parts: readonly (string | Slot)[];
      readonly continues?: boolean;
      readonly site: Site;
    }
  | { readonly op: 'unknown'; readonly to: Slot }
  | {
      readonly op: 'argument';
      readonly to: Slot;
      readonly index: number;
      readonly rest: boolean;
      readonly type: TypeRef | null;
      readonly optional: boolean;
      readonly site: Site;
    }
  | { readonly op: 'self'; readonly to: Slot }
  | { readonly op: 'copy'; readonly to: Slot; readonly from: Slot }
  | { readonly op: 'load'; readonly to: Slot; readonly variable: Variable }
  | { readonly op: 'store'; readonly variable: Variable; readonly from: Slot; readonly site: Site }
  /** A name that no scope declares. */
  | { readonly op: 'global'; readonly to: Slot; readonly name: string }
  /** `optional` where an object that is null or undefined gives undefined. */
  | {
      readonly op: 'field';
      readonly to: Slot;
      readonly object: Slot;
      readonly name: string | null;
      readonly optional: boolean;
    }
  | {
      readonly op: 'set field';
      readonly object: Slot;
      readonly name: string | null;
      readonly from: Slot;
      readonly site: Site;
    }
  | { readonly op: 'function'; readonly to: Slot; readonly fn: FunctionIR }
  | { readonly op: 'class'; readonly to: Slot; readonly cls: ClassIR; readonly parent: Slot | null }
  | { readonly op: 'object'; readonly to: Slot; readonly entries: readonly Entry[]; readonly site: Site }
  | { readonly op: 'array'; readonly to: Slot; readonly elements: readonly (Argument | null)[]; readonly site: Site }
  | {
      readonly op: 'call' | 'construct';
      readonly to: Slot;
      readonly callee: Slot;
      readonly args: readonly Argument[];
      readonly site: Site;
    }
  | {
      readonly op: 'invoke';
      readonly to: Slot;
      readonly object: Slot;
      readonly name: string | null;
      /** An object that is null or undefined gives undefined. */
      readonly optional: boolean;
      readonly args: readonly Argument[];
      readonly site: Site;
    }
  /** `super(...)`, or `super.name(...)` where a name is given. */
  | {
      readonly op: 'super';
      readonly to: Slot;
      readonly name: string | null;
      readonly args: readonly Argument[];
      readonly site: Site;
    }
  | {
      readonly op: 'cast';
      readonly to: Slot;
      readonly from: Slot;
      readonly type: TypeRef;
      /** The field that the value was read from: what the cast says of it is so for the next reader too. */
      readonly field: { readonly object: Slot; readonly name: string } | null;
      readonly site: Site;
    }
  | { readonly op: 'await'; readonly to: Slot; readonly from: Slot; readonly site: Site }
  | { readonly op: 'yield'; readonly to: Slot; readonly from: Slot; readonly delegates: boolean; readonly site: Site }
  | { readonly op: 'not'; readonly to: Slot; readonly from: Slot }
  | { readonly op: 'is nullish'; readonly to: Slot; readonly from: Slot }
  | {
      readonly op: 'compare';
      readonly to: Slot;
      readonly left: Slot;
      readonly right: Slot;
      /** `==` rather than `===`: null equals undefined. */
      readonly loose: boolean;
      readonly negated: boolean;
    }
  | { readonly op: 'typeof'; readonly to: Slot; readonly from: Slot }
  | { readonly op: 'has'; readonly to: Slot; readonly object: Slot; readonly name: string | null }
  | { readonly op: 'branch'; readonly condition: Slot; readonly then: Block; readonly otherwise: Block }
  | {
      readonly op: 'loop';
      readonly label: string | null;
      /** Null for a loop without an end of its own. */
      readonly test: { readonly block: Block; readonly slot: Slot } | null;
      readonly body: Block;
      readonly update: Block;
      /** The body runs before the first test. */
      readonly bodyFirst: boolean;
    }
  | {
      readonly op: 'each';
      readonly label: string | null;
      readonly over: Slot;
      readonly element: Slot;
      readonly body: Block;
      readonly awaits: boolean;
      /** Over the names of an object's properties. */
      readonly names: boolean;
      readonly site: Site;
    }
  | {
      readonly op: 'switch';
      readonly subject: Slot;
      readonly label: string | null;
      readonly cases: readonly {
        readonly test: { readonly block: Block; readonly slot: Slot } | null;
        readonly body: Block;
      }[];
    }
  | { readonly op: 'labelled'; readonly label: string; readonly body: Block }
  /** Statements with variables of their own, which are gone however the block is left. */
  | { readonly op: 'block'; readonly body: Block; readonly variables: readonly Variable[]; readonly site: Site }
  | {
      readonly op: 'try';
      readonly body: Block;
      readonly handler: { readonly error: Slot; readonly body: Block } | null;
      readonly finalizer: Block | null;
    }
  /** Statements with `using` declarations, which are disposed of in reverse order however the block is left. */
  | { readonly op: 'scope'; readonly body: Block; readonly site: Site }
  | { readonly op: 'using'; readonly from: Slot; readonly awaits: boolean; readonly site: Site }
  | { readonly op: 'return'; readonly from: Slot | null; readonly site: Site }
  | { readonly op: 'throw'; readonly from: Slot; readonly site: Site }
  | { readonly op: 'break' | 'continue'; readonly label: string | null }
  /** Takes a temporary whose value nobody uses. */
  | { readonly op: 'drop'; readonly from: Slot }
  /** A value goes where the analysis does not follow it; `stored` where it is kept under a name. */
  | { readonly op: 'escape'; readonly from: Slot; readonly stored: boolean };

export interface FunctionIR {
  readonly id: number;
  readonly module: ModuleIR;
  readonly node: SourceNode;
  /** The function's name or the name it was first given; empty where it has none. */
  readonly name: string;
  /** The function that it is nested in; null for the module itself. */
  readonly outer: FunctionIR | null;
  readonly asynchronous: boolean;
  readonly generator: boolean;
  /** Takes `this` from where it was made. */
  readonly arrow: boolean;
  /** The class whose method, accessor or constructor it is. */
  readonly cls: ClassIR | null;
  /** The class that it stands in, however deep. */
  readonly within: ClassIR | null;
  /** Names something that has to do with SQLite. */
  relevant: boolean;
  /** Names of members of `this` that it, or an arrow function in it, uses. */
  readonly members: ReadonlySet<string>;
  /** Uses `this` other than to take a member of it. */
  readonly wholeThis: boolean;
  /** All its uses are direct calls in its module. */
  readonly calledOnly: boolean;
  /** Variables of the functions around it that it, or a function in it, uses. */
  readonly free: ReadonlySet<Variable>;
  /** Number of slots; final once `body` was read. */
  slots: number;
  /** Lowered on the first reading. */
  readonly body: Block;
}

export interface ClassIR {
  readonly id: number;
  readonly module: ModuleIR;
  readonly node: SourceNode;
  readonly name: string;
  readonly outer: FunctionIR;
  readonly constructorFunction: FunctionIR | null;
  readonly hasParent: boolean;
  readonly members: readonly MemberIR[];
  relevant: boolean;
  /** Names of fields that a method assigns, each with the methods that do. */
  readonly assigned: ReadonlyMap<string, ReadonlySet<FunctionIR>>;
}

export interface MemberIR {
  readonly name: string | null;
  readonly kind: 'method' | 'get' | 'set' | 'field' | 'static block';
  readonly isStatic: boolean;
  /** Only the class itself can reach it (`private`, `#name`). */
  readonly isPrivate: boolean;
  /** The method, or the function that computes a field's first value. */
  readonly fn: FunctionIR | null;
  readonly type: TypeRef | null;
  /** A field that need not be there (`name?: Type`). */
  readonly optional?: boolean;
}

/** What a module exports under a name. */
export type ExportIR =
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'from'; readonly specifier: string; readonly name: string };

export interface ModuleIR {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
  /** The statements at module level, as a function that is called once. */
  readonly program: FunctionIR;
  readonly functions: readonly FunctionIR[];
  readonly classes: readonly ClassIR[];
  readonly exports: ReadonlyMap<string, ExportIR>;
  /** Specifiers of `export * from`. */
  readonly exportsAllOf: readonly string[];
  /** Modules named by the source. */
  readonly imports: ReadonlySet<string>;
  /** One-based line of an offset. */
  lineOf(offset: number): number;
}

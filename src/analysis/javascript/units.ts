import type { Block, ClassIR, ExportIR, FunctionIR, MemberIR, ModuleIR, Slot } from '../ir.ts';
import { NO_DOCUMENTATION, type Documentation } from './jsdoc.ts';
import type { Binding, ClassFlow, Scope, TypeSymbol } from './scope.ts';
import type { ClassNode, FieldInitializer, Node, TSESTree } from './syntax.ts';

type Lower = (unit: FunctionUnit) => Block;

/** A function of the source; lowered when its body is first read. */
export class FunctionUnit implements FunctionIR {
  readonly id: number;
  readonly module: ModuleUnit;
  readonly node: Node | FieldInitializer;
  readonly outer: FunctionUnit | null;
  readonly asynchronous: boolean;
  readonly generator: boolean;
  readonly arrow: boolean;
  readonly cls: ClassUnit | null;
  /** The class that it stands in, however deep. */
  readonly within: ClassUnit | null;
  name = '';
  relevant = false;
  calledOnly = false;
  readonly members = new Set<string>();
  wholeThis = false;
  readonly free = new Set<Binding>();
  slots = 0;
  /** What holds the function, and becomes relevant with it. */
  readonly flowsTo = new Set<Binding | FunctionUnit | ClassFlow>();
  /** Scope of its parameters and body, known once the module is bound. */
  scope: Scope | null = null;
  #body: Block | null = null;

  constructor(
    module: ModuleUnit,
    node: Node | FieldInitializer,
    outer: FunctionUnit | null,
    cls: ClassUnit | null,
    within: ClassUnit | null,
  ) {
    this.id = module.functions.length;
    this.module = module;
    this.node = node;
    this.outer = outer;
    this.cls = cls;
    this.within = within;
    this.asynchronous = 'async' in node && node.async;
    this.generator = 'generator' in node && node.generator;
    this.arrow = node.type === 'ArrowFunctionExpression';
    module.functions.push(this);
  }

  newSlot(): Slot {
    this.slots += 1;
    return this.slots - 1;
  }

  get body(): Block {
    this.#body ??= this.module.lower(this);
    return this.#body;
  }
}

export class ClassUnit implements ClassIR, ClassFlow {
  readonly id: number;
  readonly module: ModuleUnit;
  readonly node: ClassNode;
  readonly name: string;
  readonly outer: FunctionUnit;
  readonly hasParent: boolean;
  readonly members: MemberIR[] = [];
  readonly assigned = new Map<string, Set<FunctionIR>>();
  readonly flowsTo = new Set<Binding | FunctionUnit | ClassFlow>();
  constructorFunction: FunctionUnit | null = null;
  /** What its members hold. */
  readonly memberFlows = new Map<string, Binding>();
  relevant = false;
  readonly cls = this;

  constructor(module: ModuleUnit, node: ClassNode, outer: FunctionUnit, name: string) {
    this.id = module.classes.length;
    this.module = module;
    this.node = node;
    this.outer = outer;
    this.name = name;
    this.hasParent = node.superClass !== null;
    module.classes.push(this);
  }
}

export class ModuleUnit implements ModuleIR {
  readonly path: string;
  readonly text: string;
  readonly ast: TSESTree.Program;
  readonly functions: FunctionUnit[] = [];
  readonly classes: ClassUnit[] = [];
  readonly exports = new Map<string, ExportIR>();
  readonly typeExports = new Map<string, TypeSymbol>();
  readonly exportsAllOf: string[] = [];
  readonly imports = new Set<string>();
  /** The scope that a node opens. */
  readonly scopes = new Map<object, Scope>();
  readonly functionOf = new Map<object, FunctionUnit>();
  readonly classOf = new Map<object, ClassUnit>();
  readonly lower: Lower;
  readonly documentation: Documentation;
  readonly program: FunctionUnit;
  #lineStarts: number[] | null = null;

  constructor(
    path: string,
    text: string,
    ast: TSESTree.Program,
    lower: Lower,
    documentation: Documentation = NO_DOCUMENTATION,
  ) {
    this.path = path;
    this.text = text;
    this.ast = ast;
    this.lower = lower;
    this.documentation = documentation;
    this.program = new FunctionUnit(this, ast, null, null, null);
  }

  lineOf(offset: number): number {
    this.#lineStarts ??= lineStarts(this.text);
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  const breaks = /\r\n?|[\n\u2028\u2029]/g;
  while (breaks.exec(text)) starts.push(breaks.lastIndex);
  return starts;
}

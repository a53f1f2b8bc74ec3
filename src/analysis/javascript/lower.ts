import { bare, boundNames, childrenOf, isFunction, keyName } from './syntax.ts';
import { Scope } from './scope.ts';
import type { FunctionUnit, ModuleUnit } from './units.ts';
import type { ClassNode, Node, TSESTree } from './syntax.ts';
import type { Argument, Block, Entry, Instruction, Primitive, Site, Slot, TypeRef } from '../ir.ts';

/** Lowers one function of a bound module. */
export function lowerFunction(unit: FunctionUnit): Block {
  return new Lowering(unit).function();
}

class Lowering {
  readonly #unit: FunctionUnit;
  readonly #module: ModuleUnit;
  #block: Instruction[] = [];
  #scope: Scope;
  /** The call that the next await waits for. */
  #awaits: { readonly call: Node; readonly site: Site } | null = null;

  constructor(unit: FunctionUnit) {
    this.#unit = unit;
    this.#module = unit.module;
    this.#scope = unit.scope ?? new Scope(null, unit, true);
  }

  function(): Block {
    const node = this.#unit.node;
    if (node.type === 'Program') this.#statements(node.body);
    else if (node.type === 'StaticBlock') this.#statements(node.body);
    else if ((node.type as string) === 'FieldInitializer') this.#return((node as unknown as { value: Node }).value);
    else if (isFunction(node)) this.#functionBody(node);
    return this.#block;
  }

  #functionBody(node: Node & { params: TSESTree.Parameter[]; body?: Node | null | undefined }): void {
    for (const [index, parameter] of node.params.entries()) this.#parameter(parameter, index);
    if (!node.body) return;
    if (node.body.type === 'BlockStatement') this.#statements(node.body.body);
    else this.#return(node.body);
  }

  #return(value: Node): void {
    this.#emit({ op: 'return', from: this.#expression(value), site: this.#site(value) });
  }

  #parameter(parameter: Node, index: number): void {
    const rest = parameter.type === 'RestElement';
    const target = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
    const pattern = target.type === 'AssignmentPattern' ? target.left : target;
    const typed = 'typeAnnotation' in pattern ? pattern.typeAnnotation : undefined;
    const to = this.#temporary();
    this.#emit({
      op: 'argument',
      to,
      index,
      rest,
      type: typed?.type === 'TSTypeAnnotation' ? this.#type(typed.typeAnnotation) : null,
      optional: ('optional' in pattern && pattern.optional === true) || target.type === 'AssignmentPattern',
      site: this.#site(parameter),
    });
    const property = parameter.type === 'TSParameterProperty' ? boundNames(parameter)[0] : undefined;
    this.#assignPattern(rest ? parameter.argument : target, to);
    if (!property) return;
    const object = this.#temporary();
    this.#emit({ op: 'self', to: object });
    const from = this.#load(property.name);
    this.#emit({ op: 'set field', object, name: property.name, from, site: this.#site(property) });
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Emission

  #emit(instruction: Instruction): void {
    this.#block.push(instruction);
  }

  #temporary(): Slot {
    return this.#unit.newSlot();
  }

  #site(node: Node): Site {
    if (this.#awaits?.call === node) return { module: this.#module, node, awaits: this.#awaits.site };
    return { module: this.#module, node };
  }

  #type(node: Node): TypeRef {
    return { module: this.#module, node, scope: this.#scope };
  }

  /** Collects what a function emits into a block of its own. */
  #nested(emit: () => void): Block {
    const outer = this.#block;
    const block: Instruction[] = [];
    this.#block = block;
    emit();
    this.#block = outer;
    return block;
  }

  #inScope(node: Node, emit: () => void): void {
    const outer = this.#scope;
    this.#scope = this.#module.scopes.get(node) ?? outer;
    emit();
    this.#scope = outer;
  }

  #constant(value: Primitive, site?: Site): Slot {
    const to = this.#temporary();
    this.#emit({ op: 'constant', to, value, ...(site && { site }) });
    return to;
  }

  #unknown(): Slot {
    const to = this.#temporary();
    this.#emit({ op: 'unknown', to });
    return to;
  }

  #copy(from: Slot): Slot {
    const to = this.#temporary();
    this.#emit({ op: 'copy', to, from });
    return to;
  }

  #drop(from: Slot): void {
    this.#emit({ op: 'drop', from });
  }

  /** Moves a temporary into another one. */
  #move(from: Slot, to: Slot): void {
    this.#emit({ op: 'copy', to, from });
    this.#emit({ op: 'drop', from });
  }

  #load(name: string): Slot {
    const to = this.#temporary();
    const binding = this.#scope.lookup(name);
    if (binding) this.#emit({ op: 'load', to, variable: binding });
    else if (name === 'undefined') this.#emit({ op: 'constant', to, value: undefined });
    else this.#emit({ op: 'global', to, name });
    return to;
  }

  #store(name: string, from: Slot, node: Node): void {
    const binding = this.#scope.lookup(name);
    if (binding) this.#emit({ op: 'store', variable: binding, from, site: this.#site(node) });
    else this.#emit({ op: 'escape', from, stored: true });
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Statements

  #statements(statements: readonly Node[]): void {
    const emitAll = (): void => {
      this.#hoistFunctions(statements);
      for (const statement of statements) this.#statement(statement);
    };
    const using = statements.find(isUsing);
    if (using) this.#emit({ op: 'scope', body: this.#nested(emitAll), site: this.#site(using) });
    else emitAll();
  }

  /** Emits statements with the variables that end with them. */
  #blockOf(node: Node, emit: () => void): void {
    const variables = this.#scope.hoists ? [] : this.#scope.ending();
    if (variables.length > 0) this.#emit({ op: 'block', body: this.#nested(emit), variables, site: this.#site(node) });
    else emit();
  }

  #hoistFunctions(statements: readonly Node[]): void {
    for (const statement of statements) {
      const node =
        statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
          ? statement.declaration
          : statement;
      if (node?.type !== 'FunctionDeclaration') continue;
      const unit = this.#module.functionOf.get(node);
      if (!unit) continue;
      const to = this.#temporary();
      this.#emit({ op: 'function', to, fn: unit });
      this.#store(node.id ? node.id.name : '*default*', to, node);
    }
  }

  #statement(node: Node): void {
    switch (node.type) {
      case 'ExpressionStatement':
        this.#effect(node.expression);
        return;
      case 'VariableDeclaration':
        this.#variables(node);
        return;
      case 'FunctionDeclaration':
        return;
      case 'ClassDeclaration':
        this.#store(node.id?.name ?? '*default*', this.#class(node), node);
        return;
      case 'ExportNamedDeclaration':
        if (node.declaration) this.#statement(node.declaration);
        return;
      case 'ExportDefaultDeclaration':
        this.#exportDefault(node.declaration);
        return;
      case 'TSExportAssignment':
        this.#store('*export=*', this.#expression(node.expression), node);
        return;
      case 'BlockStatement':
        this.#inScope(node, () => this.#blockOf(node, () => this.#statements(node.body)));
        return;
      case 'IfStatement':
        this.#emit({
          op: 'branch',
          condition: this.#expression(node.test),
          then: this.#nested(() => this.#statement(node.consequent)),
          otherwise: this.#nested(() => node.alternate && this.#statement(node.alternate)),
        });
        return;
      case 'ReturnStatement':
        this.#emit({
          op: 'return',
          from: node.argument ? this.#expression(node.argument) : null,
          site: this.#site(node),
        });
        return;
      case 'ThrowStatement':
        this.#emit({ op: 'throw', from: this.#expression(node.argument), site: this.#site(node) });
        return;
      case 'BreakStatement':
        this.#emit({ op: 'break', label: node.label?.name ?? null });
        return;
      case 'ContinueStatement':
        this.#emit({ op: 'continue', label: node.label?.name ?? null });
        return;
      case 'LabeledStatement':
        this.#labelled(node);
        return;
      case 'TryStatement':
        this.#try(node);
        return;
      case 'SwitchStatement':
        this.#switch(node, null);
        return;
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#loop(node, null);
        return;
      case 'TSModuleDeclaration':
        if (node.body) this.#inScope(node.body, () => this.#statements(node.body?.body ?? []));
        return;
      case 'TSEnumDeclaration':
        this.#store(node.id.name, this.#enum(node), node);
        return;
      case 'WithStatement':
        this.#drop(this.#expression(node.object));
        this.#statement(node.body);
        return;
      case 'EmptyStatement':
      case 'DebuggerStatement':
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'TSInterfaceDeclaration':
      case 'TSTypeAliasDeclaration':
      case 'TSDeclareFunction':
      case 'TSImportEqualsDeclaration':
      case 'TSNamespaceExportDeclaration':
        return;
      default:
        this.#effect(node);
    }
  }

  #effect(node: Node): void {
    const slot = this.#expression(node, false);
    if (slot !== null) this.#drop(slot);
  }

  #exportDefault(node: Node): void {
    if (node.type === 'FunctionDeclaration' || node.type === 'TSInterfaceDeclaration' || node.type === 'Identifier')
      return;
    if (node.type === 'ClassDeclaration') {
      this.#statement(node);
      return;
    }
    this.#store('*default*', this.#expression(node), node);
  }

  #variables(node: TSESTree.VariableDeclaration): void {
    for (const declarator of node.declarations) {
      if (!declarator.init) {
        // A `var` without a value keeps the one it has; the others begin as undefined.
        if (node.kind === 'var' || node.declare) continue;
        for (const { name } of boundNames(declarator.id)) this.#store(name, this.#constant(undefined), declarator);
        continue;
      }
      const value = this.#expression(declarator.init);
      if (node.kind === 'using' || node.kind === 'await using') {
        this.#emit({
          op: 'using',
          from: this.#copy(value),
          awaits: node.kind === 'await using',
          site: this.#site(declarator),
        });
      }
      this.#assignPattern(declarator.id, value);
    }
  }

  #labelled(node: TSESTree.LabeledStatement): void {
    const label = node.label.name;
    switch (node.body.type) {
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#loop(node.body, label);
        return;
      case 'SwitchStatement':
        this.#switch(node.body, label);
        return;
      default:
        this.#emit({ op: 'labelled', label, body: this.#nested(() => this.#statement(node.body)) });
    }
  }

  #loop(
    node:
      | TSESTree.WhileStatement
      | TSESTree.DoWhileStatement
      | TSESTree.ForStatement
      | TSESTree.ForInStatement
      | TSESTree.ForOfStatement,
    label: string | null,
  ): void {
    switch (node.type) {
      case 'WhileStatement':
      case 'DoWhileStatement':
        this.#emit({
          op: 'loop',
          label,
          test: this.#test(node.test),
          body: this.#nested(() => this.#statement(node.body)),
          update: [],
          bodyFirst: node.type === 'DoWhileStatement',
        });
        return;
      case 'ForStatement': {
        const emitAll = (): void => {
          if (node.init?.type === 'VariableDeclaration') this.#variables(node.init);
          else if (node.init) this.#effect(node.init);
          const { update } = node;
          this.#emit({
            op: 'loop',
            label,
            test: node.test ? this.#test(node.test) : null,
            body: this.#nested(() => this.#statement(node.body)),
            update: this.#nested(() => update && this.#effect(update)),
            bodyFirst: false,
          });
        };
        this.#inScope(node, () =>
          this.#blockOf(node, () => {
            if (node.init && isUsing(node.init))
              this.#emit({ op: 'scope', body: this.#nested(emitAll), site: this.#site(node.init) });
            else emitAll();
          }),
        );
        return;
      }
      default:
        this.#inScope(node, () => this.#blockOf(node, () => this.#each(node, label)));
    }
  }

  #each(node: TSESTree.ForInStatement | TSESTree.ForOfStatement, label: string | null): void {
    const over = this.#expression(node.right);
    const element = this.#temporary();
    const { left } = node;
    const body = this.#nested(() => {
      const assign = (): void => {
        if (left.type !== 'VariableDeclaration') {
          this.#assignPattern(left, element);
        } else {
          const target = left.declarations[0].id;
          if (left.kind === 'using' || left.kind === 'await using') {
            this.#emit({
              op: 'using',
              from: this.#copy(element),
              awaits: left.kind === 'await using',
              site: this.#site(left),
            });
          }
          this.#assignPattern(target, element);
        }
        this.#statement(node.body);
      };
      if (isUsing(left)) this.#emit({ op: 'scope', body: this.#nested(assign), site: this.#site(left) });
      else assign();
    });
    this.#emit({
      op: 'each',
      label,
      over,
      element,
      body,
      awaits: node.type === 'ForOfStatement' && node.await,
      names: node.type === 'ForInStatement',
      site: this.#site(node),
    });
  }

  #test(node: Node): { block: Block; slot: Slot } {
    let slot = 0;
    const block = this.#nested(() => {
      slot = this.#expression(node);
    });
    return { block, slot };
  }

  #switch(node: TSESTree.SwitchStatement, label: string | null): void {
    const subject = this.#expression(node.discriminant);
    this.#inScope(node, () =>
      this.#blockOf(node, () => {
        this.#emit({
          op: 'switch',
          subject,
          label,
          cases: node.cases.map((entry) => ({
            test: entry.test ? this.#test(entry.test) : null,
            body: this.#nested(() => this.#statements(entry.consequent)),
          })),
        });
      }),
    );
  }

  #try(node: TSESTree.TryStatement): void {
    const { handler, finalizer } = node;
    const error = this.#temporary();
    this.#emit({
      op: 'try',
      body: this.#nested(() => this.#statement(node.block)),
      handler: handler && {
        error,
        body: this.#nested(() => {
          this.#inScope(handler, () => {
            if (handler.param) this.#assignPattern(handler.param, error);
            else this.#drop(error);
            this.#statement(handler.body);
          });
        }),
      },
      finalizer: finalizer ? this.#nested(() => this.#statement(finalizer)) : null,
    });
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Patterns

  /** Assigns the value of a slot, which it takes, to a pattern or any other target of an assignment. */
  #assignPattern(target: Node, value: Slot): void {
    switch (target.type) {
      case 'Identifier':
        this.#store(target.name, value, target);
        return;
      case 'MemberExpression':
        this.#setMember(target, value);
        return;
      case 'AssignmentPattern':
        this.#assignPattern(target.left, this.#orDefault(value, target.right));
        return;
      case 'ObjectPattern':
        for (const property of target.properties) {
          if (property.type === 'RestElement') {
            this.#assignPattern(property.argument, this.#copy(value));
            continue;
          }
          if (property.computed) this.#effect(property.key);
          const to = this.#temporary();
          this.#emit({
            op: 'field',
            to,
            object: this.#copy(value),
            name: keyName(property.key, property.computed),
            optional: false,
          });
          this.#assignPattern(property.value, to);
        }
        this.#drop(value);
        return;
      case 'ArrayPattern':
        for (const [index, element] of target.elements.entries()) {
          if (!element) continue;
          if (element.type === 'RestElement') {
            this.#assignPattern(element.argument, this.#copy(value));
            continue;
          }
          const to = this.#temporary();
          this.#emit({ op: 'field', to, object: this.#copy(value), name: String(index), optional: false });
          this.#assignPattern(element, to);
        }
        this.#drop(value);
        return;
      default: {
        const inner = bare(target);
        if (inner === target) this.#emit({ op: 'escape', from: value, stored: true });
        else this.#assignPattern(inner, value);
      }
    }
  }

  #orDefault(value: Slot, otherwise: Node): Slot {
    const to = this.#temporary();
    const missing = this.#temporary();
    this.#emit({ op: 'is nullish', to: missing, from: this.#copy(value) });
    this.#emit({
      op: 'branch',
      condition: missing,
      then: this.#nested(() => {
        this.#drop(value);
        this.#move(this.#expression(otherwise), to);
      }),
      otherwise: this.#nested(() => this.#move(value, to)),
    });
    return to;
  }

  #setMember(target: TSESTree.MemberExpression, value: Slot): void {
    const object = this.#expression(target.object);
    const name = keyName(target.property, target.computed);
    if (name === null && target.computed) this.#effect(target.property);
    this.#emit({ op: 'set field', object, name, from: value, site: this.#site(target) });
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Expressions

  #expression(node: Node): Slot;
  #expression(node: Node, wanted: boolean): Slot | null;
  #expression(node: Node, wanted = true): Slot | null {
    switch (node.type) {
      case 'Identifier':
        return this.#load(node.name);
      case 'Literal':
        return this.#literal(node);
      case 'TemplateLiteral':
        return this.#template(node);
      case 'ThisExpression': {
        const to = this.#temporary();
        this.#emit({ op: 'self', to });
        return to;
      }
      case 'ChainExpression':
        return this.#expression(node.expression, wanted);
      case 'MemberExpression':
        return this.#member(node);
      case 'CallExpression':
        return this.#call(node);
      case 'NewExpression': {
        const callee = this.#expression(node.callee);
        const args = this.#arguments(node.arguments);
        const to = this.#temporary();
        this.#emit({ op: 'construct', to, callee, args, site: this.#site(node) });
        return to;
      }
      case 'ImportExpression': {
        const callee = this.#temporary();
        this.#emit({ op: 'global', to: callee, name: 'import' });
        const to = this.#temporary();
        this.#emit({ op: 'call', to, callee, args: this.#arguments([node.source]), site: this.#site(node) });
        return to;
      }
      case 'TaggedTemplateExpression':
        return this.#tagged(node);
      case 'AssignmentExpression':
        return this.#assignment(node, wanted);
      case 'UpdateExpression':
        this.#effect(node.argument);
        this.#assignPattern(node.argument, this.#unknown());
        return this.#unknown();
      case 'LogicalExpression':
        return this.#logical(node);
      case 'ConditionalExpression':
        return this.#conditional(node);
      case 'BinaryExpression':
        return this.#binary(node);
      case 'UnaryExpression':
        return this.#unary(node);
      case 'AwaitExpression': {
        const site = this.#site(node);
        this.#awaits = { call: bare(node.argument), site };
        const from = this.#expression(node.argument);
        const to = this.#temporary();
        this.#emit({ op: 'await', to, from, site });
        return to;
      }
      case 'YieldExpression': {
        const from = node.argument ? this.#expression(node.argument) : this.#constant(undefined);
        const to = this.#temporary();
        this.#emit({ op: 'yield', to, from, delegates: node.delegate, site: this.#site(node) });
        return to;
      }
      case 'SequenceExpression': {
        const last = node.expressions.at(-1);
        for (const expression of node.expressions.slice(0, -1)) this.#effect(expression);
        return last ? this.#expression(last, wanted) : this.#unknown();
      }
      case 'ObjectExpression':
        return this.#object(node);
      case 'ArrayExpression': {
        const elements = node.elements.map((element) => (element ? this.#argument(element) : null));
        const to = this.#temporary();
        this.#emit({ op: 'array', to, elements, site: this.#site(node) });
        return to;
      }
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.#functionValue(node);
      case 'ClassExpression':
        return this.#class(node);
      case 'TSAsExpression':
      case 'TSTypeAssertion':
      case 'TSSatisfiesExpression':
        return this.#cast(node);
      case 'TSNonNullExpression':
      case 'TSInstantiationExpression':
        return this.#expression(node.expression);
      case 'Super':
      case 'MetaProperty':
        return this.#unknown();
      default: {
        const inner = bare(node);
        return inner === node ? this.#other(node) : this.#expression(inner, wanted);
      }
    }
  }

  /** Syntax that has no meaning of its own here: its parts are computed, and what they give is not followed. */
  #other(node: Node): Slot {
    for (const child of childrenOf(node)) {
      if (isStatementLike(child)) this.#statement(child);
      else if (!isTypeLike(child)) this.#emit({ op: 'escape', from: this.#expression(child), stored: false });
    }
    return this.#unknown();
  }

  #literal(node: TSESTree.Literal): Slot {
    const { value } = node;
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      if (value === null && 'regex' in node) return this.#unknown();
      return this.#constant(value, typeof value === 'string' ? this.#site(node) : undefined);
    }
    return this.#unknown();
  }

  #template(node: TSESTree.TemplateLiteral): Slot {
    const parts: (string | Slot)[] = [];
    for (const [index, quasi] of node.quasis.entries()) {
      parts.push(quasi.value.cooked ?? quasi.value.raw);
      const expression = node.expressions[index];
      if (expression) parts.push(this.#expression(expression));
    }
    const to = this.#temporary();
    this.#emit({ op: 'text', to, parts, site: this.#site(node) });
    return to;
  }

  #functionValue(node: Node): Slot {
    const unit = this.#module.functionOf.get(node);
    if (!unit) return this.#unknown();
    const to = this.#temporary();
    this.#emit({ op: 'function', to, fn: unit });
    return to;
  }

  #class(node: ClassNode): Slot {
    const cls = this.#module.classOf.get(node);
    const parent = node.superClass ? this.#expression(node.superClass) : null;
    if (!cls) return this.#unknown();
    const to = this.#temporary();
    this.#emit({ op: 'class', to, cls, parent });
    return to;
  }

  #member(node: TSESTree.MemberExpression): Slot {
    if (node.object.type === 'Super') return this.#unknown();
    const object = this.#expression(node.object);
    const name = keyName(node.property, node.computed);
    if (name === null && node.computed) this.#effect(node.property);
    const to = this.#temporary();
    this.#emit({ op: 'field', to, object, name, optional: isOptional(node) });
    return to;
  }

  #call(node: TSESTree.CallExpression): Slot {
    const callee = bare(node.callee);
    const site = this.#site(node);
    if (callee.type === 'Super' || (callee.type === 'MemberExpression' && callee.object.type === 'Super')) {
      const args = this.#arguments(node.arguments);
      const to = this.#temporary();
      const name = callee.type === 'Super' ? null : (keyName(callee.property, callee.computed) ?? '');
      this.#emit({ op: 'super', to, name, args, site });
      return to;
    }
    const member = callee.type === 'ChainExpression' ? callee.expression : callee;
    if (member.type === 'MemberExpression') {
      const object = this.#expression(member.object);
      const name = keyName(member.property, member.computed);
      if (name === null && member.computed) this.#effect(member.property);
      const args = this.#arguments(node.arguments);
      const to = this.#temporary();
      this.#emit({ op: 'invoke', to, object, name, optional: isOptional(node), args, site });
      return to;
    }
    const from = this.#expression(callee);
    const args = this.#arguments(node.arguments);
    const to = this.#temporary();
    this.#emit({ op: 'call', to, callee: from, args, site });
    return to;
  }

  /** A tag receives the text with its holes first, then the values. */
  #tagged(node: TSESTree.TaggedTemplateExpression): Slot {
    const tag = bare(node.tag);
    const object = tag.type === 'MemberExpression' ? this.#expression(tag.object) : this.#expression(tag);
    const values = node.quasi.expressions.map((expression) => this.#expression(expression));
    const parts: (string | Slot)[] = [];
    for (const [index, quasi] of node.quasi.quasis.entries()) {
      parts.push(quasi.value.cooked ?? quasi.value.raw);
      const value = values[index];
      if (value !== undefined) parts.push(this.#copy(value));
    }
    const text = this.#temporary();
    this.#emit({ op: 'text', to: text, parts, site: this.#site(node.quasi) });
    const args = [text, ...values].map((from) => ({ from, spread: false }));
    const to = this.#temporary();
    const site = this.#site(node);
    if (tag.type === 'MemberExpression')
      this.#emit({ op: 'invoke', to, object, name: keyName(tag.property, tag.computed), optional: false, args, site });
    else this.#emit({ op: 'call', to, callee: object, args, site });
    return to;
  }

  #arguments(nodes: readonly Node[]): Argument[] {
    return nodes.map((node) => this.#argument(node));
  }

  #argument(node: Node): Argument {
    if (node.type === 'SpreadElement') return { from: this.#expression(node.argument), spread: true };
    return { from: this.#expression(node), spread: false };
  }

  #assignment(node: TSESTree.AssignmentExpression, wanted: boolean): Slot | null {
    const { operator, left, right } = node;
    if (operator === '=') {
      const value = this.#expression(right);
      const result = wanted ? this.#copy(value) : null;
      this.#assignPattern(left, value);
      return result;
    }
    const old = this.#expression(left);
    if (operator === '??=' || operator === '||=' || operator === '&&=') {
      const to = this.#temporary();
      const condition = this.#decides(operator, old);
      const assign = this.#nested(() => {
        this.#drop(old);
        const value = this.#expression(right);
        this.#move(this.#copy(value), to);
        this.#assignPattern(left, value);
      });
      const keep = this.#nested(() => this.#move(old, to));
      const assignsWhenTrue = operator !== '||=';
      this.#emit({
        op: 'branch',
        condition,
        then: assignsWhenTrue ? assign : keep,
        otherwise: assignsWhenTrue ? keep : assign,
      });
      return to;
    }
    const value = this.#expression(right);
    const to = this.#temporary();
    if (operator === '+=') {
      this.#emit({ op: 'text', to, parts: [old, value], site: this.#site(node) });
    } else {
      this.#drop(old);
      this.#drop(value);
      this.#emit({ op: 'unknown', to });
    }
    const result = wanted ? this.#copy(to) : null;
    this.#assignPattern(left, to);
    return result;
  }

  /** The condition of a short-circuit operator: nullish for `??`, truthy for the others. */
  #decides(operator: string, value: Slot): Slot {
    const copy = this.#copy(value);
    if (!operator.startsWith('??')) return copy;
    const to = this.#temporary();
    this.#emit({ op: 'is nullish', to, from: copy });
    return to;
  }

  #logical(node: TSESTree.LogicalExpression): Slot {
    const left = this.#expression(node.left);
    const to = this.#temporary();
    const condition = this.#decides(node.operator, left);
    const right = this.#nested(() => {
      this.#drop(left);
      this.#move(this.#expression(node.right), to);
    });
    const keep = this.#nested(() => this.#move(left, to));
    const rightWhenTrue = node.operator !== '||';
    this.#emit({
      op: 'branch',
      condition,
      then: rightWhenTrue ? right : keep,
      otherwise: rightWhenTrue ? keep : right,
    });
    return to;
  }

  #conditional(node: TSESTree.ConditionalExpression): Slot {
    const condition = this.#expression(node.test);
    const to = this.#temporary();
    this.#emit({
      op: 'branch',
      condition,
      then: this.#nested(() => this.#move(this.#expression(node.consequent), to)),
      otherwise: this.#nested(() => this.#move(this.#expression(node.alternate), to)),
    });
    return to;
  }

  #binary(node: TSESTree.BinaryExpression): Slot {
    if (node.operator === 'in' && node.left.type !== 'PrivateIdentifier') {
      const object = this.#expression(node.right);
      const name = keyName(node.left, true);
      const to = this.#temporary();
      this.#emit({ op: 'has', to, object, name });
      return to;
    }
    const left = node.left.type === 'PrivateIdentifier' ? this.#unknown() : this.#expression(node.left);
    const right = this.#expression(node.right);
    const to = this.#temporary();
    switch (node.operator) {
      case '===':
      case '!==':
      case '==':
      case '!=':
        this.#emit({
          op: 'compare',
          to,
          left,
          right,
          loose: node.operator.length === 2,
          negated: node.operator.startsWith('!'),
        });
        return to;
      case '+':
        this.#emit({ op: 'text', to, parts: [left, right], site: this.#site(node) });
        return to;
      default:
        this.#drop(left);
        this.#drop(right);
        this.#emit({ op: 'unknown', to });
        return to;
    }
  }

  #unary(node: TSESTree.UnaryExpression): Slot {
    const { operator, argument } = node;
    if (operator === '-' && argument.type === 'Literal' && typeof argument.value === 'number')
      return this.#constant(-argument.value);
    const from = this.#expression(argument);
    const to = this.#temporary();
    if (operator === '!' || operator === 'typeof') {
      this.#emit({ op: operator === '!' ? 'not' : 'typeof', to, from });
      return to;
    }
    this.#drop(from);
    this.#emit(operator === 'void' ? { op: 'constant', to, value: undefined } : { op: 'unknown', to });
    return to;
  }

  #object(node: TSESTree.ObjectExpression): Slot {
    const entries: Entry[] = [];
    for (const property of node.properties) {
      if (property.type === 'SpreadElement') {
        entries.push({
          name: null,
          from: this.#expression(property.argument),
          kind: 'spread',
          site: this.#site(property),
        });
        continue;
      }
      const name = keyName(property.key, property.computed);
      if (name === null && property.computed) this.#effect(property.key);
      const from = this.#expression(property.value);
      entries.push({
        name,
        from,
        kind: property.kind === 'init' ? 'value' : property.kind,
        site: this.#site(property),
      });
    }
    const to = this.#temporary();
    this.#emit({ op: 'object', to, entries, site: this.#site(node) });
    return to;
  }

  #enum(node: TSESTree.TSEnumDeclaration): Slot {
    const members = 'body' in node ? node.body.members : [];
    const entries = members.map((entry): Entry => {
      const from = entry.initializer ? this.#expression(entry.initializer) : this.#unknown();
      return { name: keyName(entry.id, false), from, kind: 'value', site: this.#site(entry) };
    });
    const to = this.#temporary();
    this.#emit({ op: 'object', to, entries, site: this.#site(node) });
    return to;
  }

  #cast(node: TSESTree.TSAsExpression | TSESTree.TSTypeAssertion | TSESTree.TSSatisfiesExpression): Slot {
    if (isConstAssertion(node.typeAnnotation)) return this.#expression(node.expression);
    const { expression } = node;
    const name = expression.type === 'MemberExpression' ? keyName(expression.property, expression.computed) : null;
    let from: Slot;
    let field: { object: Slot; name: string } | null = null;
    if (expression.type === 'MemberExpression' && expression.object.type !== 'Super' && name !== null) {
      const object = this.#expression(expression.object);
      from = this.#temporary();
      this.#emit({ op: 'field', to: from, object: this.#copy(object), name, optional: isOptional(expression) });
      field = { object, name };
    } else {
      from = this.#expression(expression);
    }
    const to = this.#temporary();
    this.#emit({ op: 'cast', to, from, type: this.#type(node.typeAnnotation), field, site: this.#site(node) });
    return to;
  }
}

function isConstAssertion(type: Node): boolean {
  return type.type === 'TSTypeReference' && type.typeName.type === 'Identifier' && type.typeName.name === 'const';
}

function isUsing(node: Node): boolean {
  return node.type === 'VariableDeclaration' && (node.kind === 'using' || node.kind === 'await using');
}

function isStatementLike(node: Node): boolean {
  return node.type.endsWith('Statement') || node.type.endsWith('Declaration');
}

function isTypeLike(node: Node): boolean {
  return (
    node.type.startsWith('TS') ||
    node.type === 'JSXIdentifier' ||
    node.type === 'JSXNamespacedName' ||
    node.type === 'JSXText'
  );
}

/** Whether a link of a chain, or one before it, may find nothing and end the chain. */
function isOptional(node: Node): boolean {
  switch (node.type) {
    case 'MemberExpression':
      return node.optional || isOptional(node.object);
    case 'CallExpression':
      return node.optional || isOptional(node.callee);
    case 'TSNonNullExpression':
      return isOptional(node.expression);
    default:
      return false;
  }
}

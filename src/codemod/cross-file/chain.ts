import { ts } from 'ts-morph';
import { whoAwaits, writeAwait } from './awaiting.ts';
import { placeOf, Stop } from './boundary.ts';
import { CALLED_BY_LANGUAGE, isAsync, promiseKind, writeAsync, writePromise, type AsyncCapable } from './functions.ts';
import { hoist, hoistable } from './executors.ts';
import { Insertions } from './insertions.ts';
import { consequence } from './receivers.ts';
import { isOfTests } from './mocks.ts';
import { defaultsIn, requiredIn } from './modules.ts';
import { answersOf, declarationsAt, isMember, isTransparent, nameOf, relatedTo, type Member } from './symbols.ts';
import { tokensNamed, type Token } from './tokens.ts';
import { checkUnknown } from './unknown.ts';
import type { Note } from './index.ts';
import type { Slice } from '../project/slice.ts';

/** More functions than anybody would review as one change. */
const MOST_FUNCTIONS = 200;

/** Where a name stands for a function that changes: anywhere, or in some files by an import or a variable. */
type Reach = 'everywhere' | Set<string>;

/** Functions that become asynchronous because something in them waits, and all the places that this reaches. */
export class Chain {
  readonly functions = new Set<AsyncCapable>();
  readonly notes: Note[] = [];
  readonly insertions = new Insertions();
  /** Declarations whose value is one of the functions. */
  readonly carriers = new Set<ts.Node>();
  readonly #slice: Slice;
  readonly #names = new Map<string, Reach>();
  readonly #handled = new Set<ts.Node>();
  /** Names by which something is called. */
  readonly #used = new Set<string>();
  readonly #held: AsyncCapable[] = [];

  constructor(slice: Slice) {
    this.#slice = slice;
  }

  get names(): ReadonlyMap<string, Reach> {
    return this.#names;
  }

  /** Lets an expression be awaited in its place. Throws `Stop`. */
  awaitAt(node: ts.Node): void {
    const fn = whoAwaits(node, this.#slice.program);
    if (fn) this.#become(fn);
  }

  /** Follows the functions to where they are named, in the files that are there; returns whether there was anything new. */
  follow(): boolean {
    let isNew = false;
    for (;;) {
      for (let fn = this.#held.pop(); fn; fn = this.#held.pop()) this.#hold(fn);
      if (!this.#followNames()) return isNew;
      isNew = true;
    }
  }

  /** Places that may name one of the functions without it being known. Throws `Stop` for the first one. */
  checkUnknown(): void {
    const names = [...this.#names].filter(([, reach]) => reach === 'everywhere').map(([name]) => name);
    checkUnknown({ names, carriers: this.carriers, handled: this.#handled }, this.#slice);
  }

  /** Functions that others can call and nobody does, where anybody is known. */
  get uncalled(): readonly Note[] {
    const found = new Map<string, Note>();
    for (const carrier of this.carriers) {
      const name = ts.getNameOfDeclaration(carrier as ts.Declaration)?.getText();
      if (name === undefined || this.#names.get(name) !== 'everywhere' || this.#used.has(name)) continue;
      // What is assigned is declared twice in a place.
      const { path, line } = placeOf(carrier);
      const text = `Nothing here calls \`${name}\`: whoever does has to wait for it now.`;
      found.set(`${path}:${line}:${name}`, { path, line, text });
    }
    return [...found.values()];
  }

  get #checker(): ts.TypeChecker {
    return this.#slice.program.getTypeChecker();
  }

  #become(fn: AsyncCapable): void {
    if (isAsync(fn) || this.functions.has(fn)) return;
    this.functions.add(fn);
    if (this.functions.size > MOST_FUNCTIONS)
      throw new Stop(fn, `More than ${MOST_FUNCTIONS} functions would become asynchronous.`);
    const signature = this.#checker.getSignatureFromDeclaration(fn);
    const kind = signature ? promiseKind(signature.getReturnType(), this.#checker) : 'never';
    if (kind === 'other') throw new Stop(fn, 'It answers with promises of another kind.');
    writeAsync(fn, this.insertions);
    writePromise(fn, this.#checker, this.insertions);
    // Whoever calls it has got a promise before.
    if (kind !== 'promise') this.#held.push(fn);
  }

  /** Finds out what a function is called by. */
  #hold(fn: AsyncCapable): void {
    if (ts.isMethodDeclaration(fn)) this.#member(fn, fn);
    else if (ts.isFunctionDeclaration(fn)) this.#declared(fn);
    else {
      // Its own name, by which it calls itself.
      if (fn.name) this.#carry(fn, fn.name.text, false);
      this.#flow(fn);
    }
  }

  #declared(fn: ts.FunctionDeclaration): void {
    const declarations = (fn as { symbol?: ts.Symbol }).symbol?.declarations ?? [fn];
    for (const declaration of declarations) {
      this.carriers.add(declaration);
      if (declaration !== fn && ts.isFunctionDeclaration(declaration) && !declaration.body)
        writePromise(declaration, this.#checker, this.insertions);
    }
    const isDefault = fn.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true;
    if (isDefault) this.#name('default', 'everywhere');
    if (fn.name) this.#name(fn.name.text, reachOf(fn));
  }

  /** A method, or a property with a function, with all that is the same member: in base types, interfaces, overrides. */
  #member(member: Member, from: ts.Node): void {
    if (this.carriers.has(member)) return;
    const name = nameOf(member);
    if (name === null) throw new Stop(from, 'Its name is computed, so that its callers are not known.');
    if (CALLED_BY_LANGUAGE.has(name))
      throw new Stop(from, `\`${name}\` is called by the language itself, which does not wait.`);
    if (!this.#slice.isOwn(member.getSourceFile()))
      throw new Stop(from, `\`${name}\` is declared outside of the project, without a promise.`);
    if (this.#isContract(member)) return;
    this.carriers.add(member);
    this.#name(name, 'everywhere');
    this.#change(member, from);
    for (const related of relatedTo(member, this.#checker)) this.#member(related, member);
  }

  /** Whether a member that only says what there has to be allows for promises already. */
  #isContract(member: Member): boolean {
    const isSignature = ts.isMethodSignature(member) || ts.isPropertySignature(member);
    if (!isSignature) return false;
    const answers = answersOf(this.#checker.getTypeAtLocation(member), this.#checker);
    return answers.some((answer) => ['promise', 'maybe'].includes(promiseKind(answer, this.#checker)));
  }

  #change(member: Member, from: ts.Node): void {
    if (ts.isMethodSignature(member)) writePromise(member, this.#checker, this.insertions);
    else if (ts.isMethodDeclaration(member)) {
      if (member.body) this.#become(member);
      else writePromise(member, this.#checker, this.insertions);
    } else if (ts.isPropertySignature(member)) {
      if (!member.type || !ts.isFunctionTypeNode(member.type))
        throw new Stop(member, 'Its type is written in another place.');
      writePromise(member.type, this.#checker, this.insertions);
    } else {
      if (ts.isPropertyDeclaration(member)) this.#annotated(member);
      const value = ts.isShorthandPropertyAssignment(member) ? member.name : member.initializer;
      if (value) this.#valueOf(value, from);
    }
  }

  /** `open: () => Database` of a variable or field: its type says what the function answers. */
  #annotated(declaration: ts.VariableDeclaration | ts.PropertyDeclaration): void {
    const type = declaration.type ?? ts.getJSDocType(declaration);
    if (!type) return;
    if (ts.isFunctionTypeNode(type)) writePromise(type, this.#checker, this.insertions);
    else if (declaration.initializer) this.#handOver(declaration.initializer);
  }

  /** The function that a member has is one of those that change. */
  #valueOf(value: ts.Expression, from: ts.Node): void {
    if (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) {
      this.#become(value);
      return;
    }
    const isOurs = this.#isOurs(value);
    if (isOurs) return;
    const symbol = ts.isShorthandPropertyAssignment(value.parent)
      ? this.#checker.getShorthandAssignmentValueSymbol(value.parent)
      : this.#checker.getSymbolAtLocation(value);
    const fn = symbol && functionOf(resolved(symbol, this.#checker));
    if (!fn) throw new Stop(from, 'The function that it stands for is made in another place.');
    this.#become(fn);
  }

  /** What becomes of a function, or of something that stands for one. */
  #flow(expression: ts.Expression): void {
    let value: ts.Expression = expression;
    while (isTransparent(value.parent)) value = value.parent;
    const { parent } = value;
    if (ts.isCallExpression(parent) && parent.expression === value) this.#called(parent);
    else if (ts.isTaggedTemplateExpression(parent) && parent.tag === value) this.#called(parent);
    else if (ts.isNewExpression(parent) && parent.expression === value)
      throw new Stop(parent, 'The function makes objects by `new`, and so cannot be asynchronous.');
    else if (ts.isPropertyAccessExpression(parent)) this.#ofFunction(parent);
    else if (ts.isVariableDeclaration(parent)) this.#variable(parent);
    else if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) this.#member(parent, parent);
    else if (ts.isExportAssignment(parent)) this.#carry(parent, 'default', true);
    else if (ts.isBinaryExpression(parent)) this.#operand(value, parent);
    else if (ts.isConditionalExpression(parent)) {
      if (parent.condition !== value) this.#flow(parent);
    } else if (!isOnlyLookedAt(value)) this.#handOver(value);
  }

  #operand(value: ts.Expression, operation: ts.BinaryExpression): void {
    switch (operation.operatorToken.kind) {
      case ts.SyntaxKind.EqualsToken:
        if (operation.left !== value) this.#assigned(operation);
        else if (!this.carriers.has(operation))
          throw new Stop(operation, 'The function is replaced by another one here.');
        break;
      case ts.SyntaxKind.BarBarToken:
      case ts.SyntaxKind.QuestionQuestionToken:
      case ts.SyntaxKind.AmpersandAmpersandToken:
      case ts.SyntaxKind.CommaToken:
        this.#flow(operation);
        break;
      case ts.SyntaxKind.EqualsEqualsToken:
      case ts.SyntaxKind.EqualsEqualsEqualsToken:
      case ts.SyntaxKind.ExclamationEqualsToken:
      case ts.SyntaxKind.ExclamationEqualsEqualsToken:
        break;
      default:
        throw new Stop(value, 'The function is used as a value here.');
    }
  }

  /** `exports.open = open`, `Store.prototype.open = …` */
  #assigned(assignment: ts.BinaryExpression): void {
    const { left } = assignment;
    const isDeclared = ts.isPropertyAccessExpression(left) && isJavaScript(left);
    const symbol = isDeclared ? this.#checker.getSymbolAtLocation(left) : undefined;
    const declarations = symbol?.declarations?.filter((declaration) => !isMember(declaration)) ?? [];
    if (!isDeclared || declarations.length === 0) {
      this.#handOver(assignment.right);
      return;
    }
    for (const declaration of declarations) this.carriers.add(declaration);
    this.carriers.add(assignment);
    const isModule = left.name.text === 'exports' && left.expression.getText() === 'module';
    this.#name(isModule ? 'default' : left.name.text, 'everywhere');
    // `module.exports = exports = open`
    if (!ts.isExpressionStatement(assignment.parent)) this.#flow(assignment);
  }

  /** `open.call(this)`, `open.name` */
  #ofFunction(access: ts.PropertyAccessExpression): void {
    const name = access.name.text;
    const isCalled = ts.isCallExpression(access.parent) && access.parent.expression === access;
    if (isCalled && (name === 'call' || name === 'apply')) this.#called(access.parent);
    else if (name === 'bind') throw new Stop(access, 'Another function is made of it by `bind`.');
  }

  #variable(declaration: ts.VariableDeclaration): void {
    if (!ts.isIdentifier(declaration.name)) throw new Stop(declaration, 'The function is taken apart here.');
    if (this.carriers.has(declaration)) return;
    this.#annotated(declaration);
    this.carriers.add(declaration);
    this.#name(declaration.name.text, reachOf(declaration));
  }

  /** Something else gets the function. */
  #handOver(value: ts.Expression): void {
    if (consequence(value, this.#slice) === 'awaited') return;
    this.notes.push({
      ...placeOf(value),
      text: 'What this function throws is a rejected promise from now on, which whoever calls it does not look at.',
    });
  }

  #called(call: ts.CallExpression | ts.TaggedTemplateExpression): void {
    const hoisted = hoistable(call);
    const waiting = hoisted ? hoisted.executor.parent : call;
    const fn = whoAwaits(waiting, this.#slice.program);
    if (hoisted) hoist(hoisted, fn, this.insertions);
    else writeAwait(call, fn, this.insertions);
    if (fn) this.#become(fn);
  }

  #carry(declaration: ts.Node, name: string, isEverywhere: boolean): void {
    this.carriers.add(declaration);
    this.#name(name, isEverywhere ? 'everywhere' : declaration.getSourceFile().fileName);
  }

  #name(name: string, where: string): void {
    const reach = this.#names.get(name);
    if (where === 'everywhere') this.#names.set(name, 'everywhere');
    else if (!reach) this.#names.set(name, new Set([where]));
    else if (reach !== 'everywhere') reach.add(where);
  }

  #followNames(): boolean {
    let isNew = false;
    for (const source of this.#slice.sources) {
      for (const [name, reach] of [...this.#names]) {
        if (reach !== 'everywhere' && !reach.has(source.fileName)) continue;
        for (const token of tokensNamed(name, source)) isNew = this.#follow(token) || isNew;
      }
      if (!this.#names.has('default')) continue;
      for (const token of defaultsIn(source)) isNew = this.#follow(token) || isNew;
      for (const call of requiredIn(source)) isNew = this.#followModule(call) || isNew;
    }
    return isNew;
  }

  #follow(token: Token): boolean {
    if (this.#handled.has(token) || !this.#isOurs(token)) return false;
    this.#handled.add(token);
    this.#mentioned(token);
    return true;
  }

  /** `require('./open')('app.db')`: the module is the function itself. */
  #followModule(call: ts.CallExpression): boolean {
    const [specifier] = call.arguments;
    const module = specifier && this.#checker.getSymbolAtLocation(specifier);
    const whole = module?.exports?.get(ts.InternalSymbolName.ExportEquals);
    const isOurs = whole && resolved(whole, this.#checker).declarations?.some((each) => this.carriers.has(each));
    if (isOurs !== true || this.#handled.has(call)) return false;
    this.#handled.add(call);
    this.#flow(call);
    return true;
  }

  #isOurs(token: ts.Node): boolean {
    if (declarationsAt(token, this.#checker).some((declaration) => this.carriers.has(declaration))) return true;
    const { parent } = token;
    return (
      isMember(parent) &&
      parent.name === token &&
      relatedTo(parent, this.#checker).some((each) => this.carriers.has(each))
    );
  }

  /** A name that stands for one of the functions. */
  #mentioned(token: Token): void {
    if (isUse(token)) this.#used.add(token.text);
    const { parent } = token;
    const file = token.getSourceFile().fileName;
    if (ts.isImportSpecifier(parent) || ts.isImportClause(parent)) {
      if (parent.name) this.#name(parent.name.text, file);
    } else if (ts.isExportSpecifier(parent)) this.#name(parent.name.text, 'everywhere');
    else if (ts.isBindingElement(parent) && parent.initializer !== token) this.#bound(parent);
    else if (isMember(parent) && parent.name === token) this.#member(parent, parent);
    else if (isDeclarationName(token)) this.#redeclared(token);
    else if (ts.isPartOfTypeNode(token) || ts.isTypeQueryNode(parent)) this.#inType(token);
    else {
      const isOfObject = ts.isPropertyAccessExpression(parent) && parent.name === token;
      const isOfKey = ts.isElementAccessExpression(parent) && parent.argumentExpression === token;
      this.#flow(isOfObject || isOfKey ? parent : token);
    }
  }

  /** `const { open } = store` */
  #bound(element: ts.BindingElement): void {
    if (element.initializer || !ts.isIdentifier(element.name))
      throw new Stop(element, 'The function is taken apart here.');
    this.#carry(element, element.name.text, false);
  }

  #redeclared(token: ts.Node): void {
    const { parent } = token;
    // `const open = require('./open')`
    if (ts.isVariableDeclaration(parent)) this.#carry(parent, token.getText(), reachOf(parent) === 'everywhere');
    else if (ts.isAccessor(parent)) throw new Stop(parent, 'A getter or setter cannot be asynchronous.');
  }

  /** What else is of that type would have to be asynchronous as well. */
  #typed(query: ts.TypeQueryNode): void {
    if (isOfTests(query.getSourceFile().fileName))
      this.notes.push({ ...placeOf(query), text: 'What is of this type has to be asynchronous now.' });
    else if (!ts.isTypeReferenceNode(query.parent) || query.parent.typeName.getText() !== 'Parameters')
      throw new Stop(query, 'Other functions have the type of this one.');
  }

  /** `ReturnType<typeof open>` is what comes of the promise. */
  #inType(token: ts.Node): void {
    let query: ts.Node = token;
    while (ts.isQualifiedName(query.parent)) query = query.parent;
    query = query.parent;
    const { parent } = query;
    const isResult =
      ts.isTypeQueryNode(query) && ts.isTypeReferenceNode(parent) && parent.typeName.getText() === 'ReturnType';
    if (ts.isTypeQueryNode(query) && !isResult) this.#typed(query);
    if (!isResult || (ts.isTypeReferenceNode(parent.parent) && parent.parent.typeName.getText() === 'Awaited')) return;
    this.insertions.before(parent, 'Awaited<');
    this.insertions.behind(parent, '>');
  }
}

/** Whether a name is there to call the function, or to hand it over, and not only to give it away. */
function isUse(token: Token): boolean {
  const { parent } = token;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isBindingElement(parent)) return true;
  const isMemberName =
    (ts.isPropertyAccessExpression(parent) && parent.name === token) ||
    (ts.isElementAccessExpression(parent) && parent.argumentExpression === token);
  const value = isMemberName ? parent : token;
  return ts.isCallExpression(value.parent) || ts.isTaggedTemplateExpression(value.parent);
}

/** Other files can name what is exported, if only as a member of the module. */
function reachOf(declaration: ts.FunctionDeclaration | ts.VariableDeclaration): string {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const isExported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  return isExported ? 'everywhere' : declaration.getSourceFile().fileName;
}

function resolved(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The function that a symbol stands for, where it stands for one for good. */
function functionOf({ declarations = [] }: ts.Symbol): AsyncCapable | null {
  for (const declaration of declarations) {
    if (ts.isFunctionDeclaration(declaration) && declaration.body) return declaration;
    const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
    if (value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))) return value;
  }
  return null;
}

/** `if (open)`, `typeof open`, `open;` */
function isOnlyLookedAt(value: ts.Expression): boolean {
  const { parent } = value;
  return (
    ts.isExpressionStatement(parent) ||
    ts.isTypeOfExpression(parent) ||
    ts.isVoidExpression(parent) ||
    ts.isIfStatement(parent) ||
    ts.isWhileStatement(parent) ||
    (ts.isPrefixUnaryExpression(parent) && parent.operator === ts.SyntaxKind.ExclamationToken)
  );
}

function isDeclarationName(token: ts.Node): boolean {
  return (token.parent as { readonly name?: ts.Node }).name === token && !ts.isPropertyAccessExpression(token.parent);
}

function isJavaScript(node: ts.Node): boolean {
  return /\.[cm]?jsx?$/.test(node.getSourceFile().fileName);
}

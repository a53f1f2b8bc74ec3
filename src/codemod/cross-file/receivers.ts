import { ts } from 'ts-morph';
import { Stop } from './boundary.ts';
import { promiseKind } from './functions.ts';
import { answersOf } from './symbols.ts';
import type { Slice } from '../project/slice.ts';

/** Methods that call what they are given at once and use what it answers, whatever its type says. */
const AT_ONCE = new Set(
  `map filter forEach each sort toSorted some every find findIndex findLast findLastIndex reduce reduceRight flatMap
   replace replaceAll from transaction serialize parallelize immediate exclusive deferred function aggregate`.split(
    /\s+/,
  ),
);

/** Functions of the language and of its hosts that call what they are given later, and by itself. */
const LATER = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'nextTick', 'addEventListener']);

/** What waits for the functions that it is given, also where nothing tells that it is a promise. */
const AWAITING = new Set(['then', 'catch', 'finally']);

/** What runs tests waits for them, but not for what collects them. */
const TESTS = new Set(['it', 'test', 'before', 'after', 'beforeEach', 'afterEach', 'beforeAll', 'afterAll', 'specify']);
const COLLECTING = new Set(['describe', 'suite', 'context']);

/** What becomes of the errors of a function that something else calls. */
export type Consequence = 'awaited' | 'rejections';

/**
 * What follows when a function that is used as a value becomes asynchronous: the one that gets it waits for it, or does not
 * look at what it answers. Throws `Stop` where the answer matters, or where nothing tells.
 */
export function consequence(value: ts.Expression, slice: Slice): Consequence {
  const checker = slice.program.getTypeChecker();
  const { parent } = value;
  const isArgument = (ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression !== value;
  const isFree = isArgument && isOfAnyType(value, parent, checker);
  const answers = isFree ? [] : answersOf(checker.getContextualType(value), checker);
  if (answers.some((answer) => ['promise', 'maybe'].includes(promiseKind(answer, checker)))) return 'awaited';
  if (!isArgument) {
    if (answers.length > 0 && answers.every(isIgnored)) return 'rejections';
    throw new Stop(value, 'The function is used as a value here, and what it answers matters.');
  }
  return fromCall(value, parent, answers, slice);
}

function fromCall(
  value: ts.Expression,
  call: ts.CallExpression | ts.NewExpression,
  answers: readonly ts.Type[],
  slice: Slice,
): Consequence {
  const { program } = slice;
  const names = namesOf(call.expression);
  const name = names.at(-1) ?? '';
  const receiver = `\`${shortened(call.expression.getText())}\``;
  if (ts.isNewExpression(call)) throw new Stop(value, `${receiver} calls the function at once.`);
  if (names.some((each) => COLLECTING.has(each)) && !names.some((each) => TESTS.has(each)))
    throw new Stop(value, `${receiver} collects tests, and does not wait for that.`);
  if (AWAITING.has(name)) return 'awaited';
  if (AT_ONCE.has(name)) throw new Stop(value, `${receiver} calls the function at once, and does not wait for it.`);
  if (isAtExit(call)) throw new Stop(value, 'The process ends when the function has run, and does not wait for more.');
  const isTest = names.some((each) => TESTS.has(each));
  if (isTest && isFunctionWithCallback(value)) throw new Stop(value, 'The test says by a callback that it is over.');
  const declaration = program.getTypeChecker().getResolvedSignature(call)?.declaration;
  const source = declaration?.getSourceFile();
  if (!isTest && source && program.isSourceFileDefaultLibrary(source) && !LATER.has(name))
    throw new Stop(value, `${receiver} calls the function at once, and does not wait for it.`);
  if (source && slice.isOwn(source))
    throw new Stop(value, `${receiver}, of the project itself, is given the function and does not wait for it.`);
  if (!answers.every(isIgnored)) throw new Stop(value, `What the function answers matters to ${receiver}.`);
  if (isTest) return 'awaited';
  const isVoid = answers.length > 0 && answers.every(({ flags }) => flags & ts.TypeFlags.Void);
  // Where the type says nothing, something may be made of the function.
  if (!isVoid && !ts.isExpressionStatement(call.parent))
    throw new Stop(value, `What comes of the function is used behind ${receiver}.`);
  return 'rejections';
}

/** Whether a parameter takes whatever it is given, so that its type tells nothing: `expect<T>(actual: T)`. */
function isOfAnyType(
  value: ts.Expression,
  call: ts.CallExpression | ts.NewExpression,
  checker: ts.TypeChecker,
): boolean {
  const parameters = checker.getResolvedSignature(call)?.declaration?.parameters;
  const parameter = parameters?.[Math.min(call.arguments?.indexOf(value) ?? 0, parameters.length - 1)];
  return parameter !== undefined && (checker.getTypeAtLocation(parameter).flags & ts.TypeFlags.TypeParameter) !== 0;
}

/** `process.on('exit', …)` */
function isAtExit({ expression, arguments: [event] }: ts.CallExpression): boolean {
  return (
    /^process\.(?:on|once|addListener|prependListener)$/.test(expression.getText()) &&
    event !== undefined &&
    ts.isStringLiteralLike(event) &&
    event.text === 'exit'
  );
}

function isIgnored({ flags }: ts.Type): boolean {
  return (flags & (ts.TypeFlags.Void | ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
}

/** A test that has a parameter for it ends when that is called. */
function isFunctionWithCallback(value: ts.Expression): boolean {
  const isFunction = ts.isArrowFunction(value) || ts.isFunctionExpression(value);
  return isFunction && /^(?:done|cb|callback|next)$/.test(value.parameters[0]?.name.getText() ?? '');
}

/** `it`, `each` of `it.each(rows)` */
function namesOf(callee: ts.Expression): string[] {
  if (ts.isIdentifier(callee)) return [callee.text];
  if (ts.isPropertyAccessExpression(callee)) return [...namesOf(callee.expression), callee.name.text];
  if (ts.isCallExpression(callee)) return namesOf(callee.expression);
  if (ts.isParenthesizedExpression(callee) || ts.isNonNullExpression(callee)) return namesOf(callee.expression);
  return [];
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

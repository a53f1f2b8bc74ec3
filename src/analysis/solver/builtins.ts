import { callValue, unknownCall } from './calls.ts';
import { escape, handlesIn } from './escape.ts';
import { makeList } from './objects.ts';
import { allOf, allSettled } from './promise-combinators.ts';
import { chain, fulfilled, isChainMethod, newPromise, rejected } from './promises.ts';
import { UNDEFINED, UNKNOWN, knownText, text, textOf, type Value } from './values.ts';
import { eventOf, foreignWorkOfGlobal } from '../foreign-work.ts';
import type { Call, Outcome } from './frame.ts';
import type { RecordObject } from './heap.ts';
import type { State } from './state.ts';

/** Globals whose calls cannot fail. */
const SAFE = new RegExp(
  [
    '^console\\.',
    '^Math\\.',
    '^(?:String|Number|Boolean|Symbol|Date|Array|Object|isNaN|isFinite|parseInt|parseFloat)$',
    '^Number\\.(?:isInteger|isFinite|isNaN|isSafeInteger|parseFloat|parseInt)$',
    '^Date\\.(?:now|UTC|parse)$',
    '^Array\\.(?:isArray|of)$',
    '^Object\\.(?:keys|values|entries|assign|freeze|fromEntries|is|hasOwn|create)$',
    '^performance\\.',
    '^process\\.(?:cwd|hrtime|uptime|memoryUsage|cpuUsage|emitWarning|stdout\\.write|stderr\\.write|hrtime\\.bigint)$',
    '^(?:clearTimeout|clearInterval|clearImmediate)$',
    '^crypto\\.randomUUID$',
    '^String\\.raw$',
  ].join('|'),
);

/** Calls after which nothing runs any more. */
const NEVER = new Set(['process.exit', 'process.abort', 'process.reallyExit', 'Deno.exit', 'Bun.exit']);

/** Containers and errors: making one cannot fail, and what it holds is not followed. */
const SAFE_CLASSES =
  /^(?:Map|Set|WeakMap|WeakSet|Date|Array|Object|Error|TypeError|RangeError|SyntaxError|AggregateError|EvalError|ReferenceError|URIError|AbortController|TextEncoder|TextDecoder|Headers|FormData|URLSearchParams|EventEmitter|Event|CustomEvent|Uint8Array|Float32Array|Float64Array|Int32Array|BigInt64Array|ArrayBuffer|DataView|WeakRef)$/;

/** Methods of built-in values that cannot fail, by name: nothing else goes by such a name and takes a handle. */
const SAFE_METHODS = new Set([
  ...[
    'push',
    'pop',
    'shift',
    'unshift',
    'slice',
    'splice',
    'concat',
    'join',
    'reverse',
    'includes',
    'indexOf',
    'lastIndexOf',
  ],
  ...[
    'fill',
    'flat',
    'at',
    'keys',
    'values',
    'entries',
    'has',
    'toString',
    'toLocaleString',
    'valueOf',
    'trim',
    'trimStart',
  ],
  ...[
    'trimEnd',
    'toLowerCase',
    'toUpperCase',
    'startsWith',
    'endsWith',
    'split',
    'substring',
    'substr',
    'charAt',
    'charCodeAt',
  ],
  ...['codePointAt', 'padStart', 'padEnd', 'replace', 'replaceAll', 'match', 'matchAll', 'search', 'test', 'toFixed'],
  ...[
    'toISOString',
    'toJSON',
    'getTime',
    'getFullYear',
    'getMonth',
    'getDate',
    'getDay',
    'getHours',
    'getMinutes',
    'getSeconds',
  ],
  ...['toSorted', 'toReversed', 'localeCompare', 'abort', 'unref', 'ref'],
]);

/** Methods that call a function for each element, at once. */
const EACH_METHODS = new Set([
  ...[
    'forEach',
    'map',
    'filter',
    'some',
    'every',
    'find',
    'findIndex',
    'findLast',
    'findLastIndex',
    'flatMap',
    'reduce',
  ],
  ...['reduceRight', 'sort', 'toSorted'],
]);

export function callGlobal(call: Call, callee: Value): Outcome[] {
  const { solver, state, frame, site, args } = call;
  if (callee.kind !== 'global') return unknownCall(call, null);
  const name = callee.path.join('.').replace(/^(?:globalThis|global|window|self)\./, '');
  const one = (value: Value): Outcome[] => [{ state, value }];
  if (NEVER.has(name)) return [];
  const method = callee.path.at(-1) ?? '';
  switch (name) {
    case 'require':
    case 'import':
    case 'process.getBuiltinModule':
    case 'module.require':
      return load(call, name);
    case 'Promise.resolve':
      return one(resolved(call, args[0] ?? UNDEFINED));
    case 'Promise.reject':
      return one(solver.allocate(state, frame, site, 'promise', rejected(true)));
    case 'Promise.allSettled':
      return allSettled(call);
    case 'Promise.all':
    case 'Promise.race':
    case 'Promise.any':
      return allOf(call);
    case 'Object.freeze':
    case 'Object.seal':
    case 'Object.defineProperty':
    case 'Object.defineProperties':
    case 'Object.setPrototypeOf':
      return one(args[0] ?? UNKNOWN);
    case 'Object.assign': {
      for (const arg of args.slice(1)) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
      return one(args[0] ?? UNKNOWN);
    }
    case 'crypto.randomUUID':
      return one(text([null], null, true));
    case 'String.raw':
    case 'String':
      return one(args[0]?.kind === 'text' ? args[0] : UNKNOWN);
    case 'Number': {
      const value = args[0] ? Number(knownText(args[0]) ?? 'unknown') : Number.NaN;
      return one(Number.isNaN(value) ? UNKNOWN : { kind: 'primitive', value });
    }
    case 'Array.from':
      return args[1]?.kind === 'function' ? eachElement(call, args[1], 'map', UNKNOWN) : one(UNKNOWN);
    case 'JSON.stringify':
    case 'JSON.parse':
    case 'structuredClone':
      solver.raise(state, frame, site);
      return one(UNKNOWN);
    default:
  }
  if (name === 'Object.values' || name === 'Object.entries') {
    const record = solver.read(state, args[0] ?? UNKNOWN);
    if (record?.type === 'record' && tellsSomething(call, record)) return one(fieldsOf(call, name, record));
  }
  if (SAFE.test(name)) {
    if (!name.startsWith('console.'))
      for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
    return one(UNKNOWN);
  }
  if (isChainMethod(method) && callee.path.length > 1)
    return chain(call, { kind: 'global', path: callee.path.slice(0, -1) }, method);
  const what = foreignWorkOfGlobal(callee.path);
  if (what) {
    const work = { kind: 'foreign', what, trace: [] } as const;
    for (const arg of args) escape(solver, state, frame, arg, work);
    if (!/^set(?:Timeout|Interval|Immediate)$/.test(name)) solver.raise(state, frame, site);
    return one({ kind: 'work', work });
  }
  return unknownCall(call, null);
}

/** `require(name)`, `import(name)` and the like. */
function load(call: Call, how: string): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const specifier = args[0] ? knownText(args[0]) : null;
  solver.raise(state, frame, site);
  if (specifier === null) return [{ state, value: UNKNOWN }];
  const value = solver.world.importValue(solver, frame.fn.module, specifier, how === 'import' ? '*' : 'require');
  if (how !== 'import') return [{ state, value }];
  return [
    {
      state,
      value: solver.allocate(state, frame, site, 'promise', { ...fulfilled(value), state: 'unsettled', safe: false }),
    },
  ];
}

function resolved(call: Call, value: Value): Value {
  const { solver, state, frame, site } = call;
  if (solver.read(state, value)?.type === 'promise') return value;
  return solver.allocate(state, frame, site, 'promise', fulfilled(value));
}

export function constructGlobal(call: Call, callee: Value & { kind: 'global' }): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const name = callee.path.join('.').replace(/^(?:globalThis|global|window|self)\./, '');
  if (name === 'Promise') return newPromise(call);
  if (name === 'DisposableStack' || name === 'AsyncDisposableStack') {
    return [{ state, value: solver.allocate(state, frame, site, 'stack', { type: 'stack', actions: [] }) }];
  }
  for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
  if (SAFE_CLASSES.test(name)) return [{ state, value: name.endsWith('Error') ? { kind: 'truthy' } : UNKNOWN }];
  const what = foreignWorkOfGlobal(callee.path);
  solver.raise(state, frame, site);
  return [{ state, value: what ? { kind: 'work', work: { kind: 'foreign', what, trace: [] } } : UNKNOWN }];
}

/** A method of a value that is not known: a built-in one by its name, or one that may do anything with its arguments. */
export function invokeUnknown(call: Call, object: Value, name: string): Outcome[] {
  const { solver, state, frame, args } = call;
  const [first] = args;
  if (EACH_METHODS.has(name) && (first?.kind === 'function' || first?.kind === 'method'))
    return eachElement(call, first, name, object);
  if (isChainMethod(name) && args.some((arg) => arg.kind === 'function' || arg.kind === 'settle'))
    return chain(call, object, name);
  if (object.kind === 'text' && (name === 'trim' || name === 'toString' || name === 'valueOf'))
    return [{ state, value: object }];
  if (SAFE_METHODS.has(name)) return safeMethod(call, object, name);
  if ((name === 'use' || name === 'adopt') && first?.kind === 'ref') {
    // A disposable stack that somebody else made takes the handle over and hands it back.
    const handle = first;
    const object = solver.read(state, first);
    escape(solver, state, frame, handle, { kind: 'unknown', handles: [] });
    if (object?.type === 'connection') {
      const current = solver.object(state, handle.id);
      if (current?.type === 'connection') state.heap.set(handle.id, { ...current, settings: object.settings });
    }
    return [{ state, value: handle }];
  }
  const event = awaitedEvent(call, object, name);
  return unknownCall(call, null, event === null ? undefined : { kind: 'foreign', what: event, trace: [] });
}

/** The event of an emitter that functions given to its method wait for; what the database emits is its own work. */
export function awaitedEvent({ solver, state, args }: Call, emitter: Value, method: string): string | null {
  const event = eventOf(method, args[0] ? knownText(args[0]) : null);
  if (event === null) return null;
  const handles = handlesIn(solver, state, [emitter, ...args]);
  return handles.every((id) => solver.object(state, id)?.type === 'promise') ? event : null;
}

function safeMethod(call: Call, object: Value, name: string): Outcome[] {
  const { solver, state, frame, site, args } = call;
  const list = solver.read(state, object);
  if (list?.type === 'list' && object.kind === 'ref') {
    if (name === 'join' && list.exact) {
      const separator = args[0] ? (knownText(args[0]) ?? ',') : ',';
      const parts = list.items.flatMap((item, index) => (index > 0 ? [separator, ...textOf(item)] : [...textOf(item)]));
      return [{ state, value: text(parts) }];
    }
    if (name === 'push' || name === 'unshift' || name === 'concat') {
      // Elements that are put in one by one are not told apart.
      const elements = [
        ...list.items.map((value) => ({ value, spread: false })),
        ...args.map((value) => ({ value, spread: false })),
      ];
      const plain = args.every((arg) => arg.kind === 'text' || arg.kind === 'primitive');
      for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
      if (name !== 'concat')
        state.heap.set(object.id, { type: 'list', items: plain ? [...list.items, ...args] : list.items, exact: false });
      return [{ state, value: name === 'concat' && plain ? makeList(solver, state, frame, site, elements) : UNKNOWN }];
    }
    for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
    if (name === 'slice' || name === 'flat' || name === 'toReversed' || name === 'toSorted') {
      return [
        {
          state,
          value: solver.allocate(state, frame, site, 'list', { type: 'list', items: list.items, exact: false }),
        },
      ];
    }
    if (name === 'values') return [{ state, value: object }];
    if (name === 'entries')
      return [
        {
          state,
          value: entriesOf(
            call,
            list.items.map((item) => [UNKNOWN, item]),
            list.exact,
          ),
        },
      ];
    return [{ state, value: UNKNOWN }];
  }
  for (const arg of args) escape(solver, state, frame, arg, { kind: 'unknown', handles: [] });
  return [{ state, value: UNKNOWN }];
}

/** Objects with more fields are gone through like ones that are not known. */
const MOST_FIELDS = 8;

/** Whether the fields of an object are known, and worth to be told apart: lists of names and numbers are not. */
function tellsSomething({ solver, state }: Call, { fields, open, cls }: RecordObject): boolean {
  if (open || cls || fields.size === 0 || fields.size > MOST_FIELDS) return false;
  return [...fields.values()].some(
    (value) =>
      value.kind === 'text' || value.kind === 'function' || (solver.read(state, value)?.type ?? 'list') !== 'list',
  );
}

function fieldsOf(call: Call, name: string, { fields, shared }: RecordObject): Value {
  const { solver, state, frame, site } = call;
  // Others may have put something in, or taken something out.
  const exact = !shared;
  const pairs = [...fields].map(([key, value]) => [text([key]), value]);
  if (name === 'Object.entries') return entriesOf(call, pairs, exact);
  return solver.allocate(state, frame, site, 'values', { type: 'list', items: [...fields.values()], exact });
}

/** A list of pairs. */
function entriesOf({ solver, state, frame, site }: Call, pairs: readonly (readonly Value[])[], exact: boolean): Value {
  const items = pairs.map((pair, index) =>
    solver.allocate(state, frame, site, `entry ${index}`, { type: 'list', items: pair, exact: true }),
  );
  return solver.allocate(state, frame, site, 'entries', { type: 'list', items, exact });
}

/** A function called for any number of elements. */
function eachElement(call: Call, callback: Value, name: string, object: Value): Outcome[] {
  return call.solver.pinning([callback, object], () => runEach(call, callback, name, object));
}

function runEach(call: Call, callback: Value, name: string, object: Value): Outcome[] {
  const { solver, state } = call;
  const list = solver.read(state, object);
  const known = list?.type === 'list' && list.items.length > 0 ? list.items : [UNKNOWN];
  const results: Value[] = [];
  const once = (states: State[], element: Value): State[] =>
    states.flatMap((current) => {
      const args = name.startsWith('reduce')
        ? [UNKNOWN, element]
        : name === 'sort' || name === 'toSorted'
          ? [element, element]
          : [element, UNKNOWN];
      return callValue({ ...call, state: current, args }, callback, UNDEFINED).map((outcome) => {
        if (outcome.value.kind !== 'unknown') results.push(outcome.value);
        return outcome.state;
      });
    });
  let ends: State[];
  if (list?.type === 'list' && list.exact && list.items.length <= 8 && (name === 'forEach' || name === 'map')) {
    ends = list.items.reduce<State[]>((states, item) => solver.merge(once(states, item)), [state]);
  } else {
    ends = solver.rounds([state], (states) => {
      const left = states.map((current) => current.fork());
      return {
        next: known.flatMap((element) =>
          once(
            states.map((current) => current.fork()),
            element,
          ),
        ),
        left,
      };
    });
  }
  return ends.map((ended) => ({
    state: ended,
    value: eachResult(call, ended, name, object, results, list?.type === 'list' && list.exact),
  }));
}

function eachResult(
  call: Call,
  state: State,
  name: string,
  object: Value,
  results: readonly Value[],
  exact: boolean,
): Value {
  const { solver, frame, site } = call;
  if (name === 'filter' || name === 'sort' || name === 'toSorted') return object.kind === 'ref' ? object : UNKNOWN;
  if ((name !== 'map' && name !== 'flatMap') || results.length === 0) return UNKNOWN;
  const promises = results.filter(
    (value) => solver.read(state, value)?.type === 'promise' || value.kind === 'work' || value.kind === 'text',
  );
  for (const value of results)
    if (!promises.includes(value)) escape(solver, state, frame, value, { kind: 'unknown', handles: [] });
  return promises.length > 0
    ? solver.allocate(state, frame, site, 'list', {
        type: 'list',
        items: promises,
        exact: exact && promises.length === results.length,
      })
    : UNKNOWN;
}

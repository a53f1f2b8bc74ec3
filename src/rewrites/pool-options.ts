import { isJavaScript } from '../source-paths.ts';
import { addition } from './object-option.ts';
import { insertion, withdrawn, type Proposal } from './rewrite.ts';
import { contains } from './walk.ts';
import type { OpenFact, SettingName } from '../analysis/facts.ts';
import type { Driver } from '../drivers/driver.ts';
import type { PoolFact } from '../drivers/pool.ts';
import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import type { Source } from './source.ts';

/** How a function that a pool calls with each new connection makes settings on it, and its parameters in TypeScript. */
interface Idiom {
  readonly types: readonly [connection: string, done: string];
  readonly body: (pragmas: readonly string[]) => string;
}

const DONE = '(problem: Error | null) => void';

/** By the id of the driver behind the pool. */
const IDIOMS: Readonly<Record<string, Idiom>> = {
  sqlite3: {
    types: [`{ exec(sql: string, done: ${DONE}): unknown }`, DONE],
    body: (pragmas) => `connection.exec('${pragmas.map((pragma) => `PRAGMA ${pragma}`).join('; ')}', done)`,
  },
  'better-sqlite3': {
    types: ['{ pragma(sql: string): unknown }', DONE],
    body: (pragmas) => `{ ${pragmas.map((pragma) => `connection.pragma('${pragma}');`).join(' ')} done(null); }`,
  },
};

/**
 * Makes the settings that connections of a pool lack in its options: by those that it has for them, or by a function that
 * it calls with each new connection (knex, `pool.afterCreate`).
 */
export function setPoolOptions(
  source: Source,
  { options, pool, driver, site, isChoice }: OpenFact,
  settings: readonly SettingName[],
  busyTimeout: number,
): Proposal {
  // Those of another module are placed where they are used.
  const isHere = !isChoice && options.every((option) => option.site.node !== site.node);
  const object = isHere ? objectOf(options, source) : null;
  const call = source.find(site.node);
  if (!pool || !call) return withdrawn('by-a-library');
  const added =
    byOptions(pool, settings, busyTimeout) ?? byFunction(pool, driver, settings, busyTimeout, site.module.path);
  if (!object) return (added && besidesGiven(call, added, site.module.path)) ?? withdrawn('by-a-library');
  const edits = added && addition(object, added.path, source.quoted(added.value), source);
  if (!edits) return withdrawn('by-a-library');
  // Options that stand elsewhere may be those of other pools as well.
  const isOwn = contains(call, object);
  return { title: 'setPoolOptions', data: { option: added.path.join('.') }, safe: added.safe && isOwn, edits };
}

/** Expressions that a spread takes without parentheses around them. */
const PLAIN = ['Identifier', 'MemberExpression', 'CallExpression', 'NewExpression'];

/**
 * Adds an option to those that stand elsewhere: `new DataSource({ ...options(), enableWAL: true })`. Only suggested, as they
 * may as well be those of a server. The types of TypeORM allow it in no literal, if they may be.
 */
function besidesGiven(call: Node, { path, value }: Added, file: string): Proposal | null {
  const [name, ...further] = path;
  if (name === undefined || further.length > 0) return null;
  if (call.type !== 'NewExpression' && call.type !== 'CallExpression') return null;
  const [given, ...more] = call.arguments;
  if (!given || more.length > 0 || given.type === 'SpreadElement' || given.type === 'ObjectExpression') return null;
  const [open, close] = !isJavaScript(file)
    ? ['Object.assign({}, ', `, { ${name}: ${value} })`]
    : PLAIN.includes(given.type)
      ? ['{ ...', `, ${name}: ${value} }`]
      : ['{ ...(', `), ${name}: ${value} }`];
  const edits = [insertion(given.range[0], open), insertion(given.range[1], close)];
  return { title: 'setPoolOptions', data: { option: name }, safe: false, edits };
}

/** The object that options are written in. */
function objectOf(options: OpenFact['options'], source: Source): TSESTree.ObjectExpression | null {
  const objects = new Set<Node | null>();
  for (const { site } of options) {
    let node: Node | null = source.find(site.node);
    while (node && node.type !== 'ObjectExpression') node = node.parent ?? null;
    objects.add(node);
  }
  const [object] = objects;
  return objects.size === 1 && object?.type === 'ObjectExpression' ? object : null;
}

/** An option that is to be given. */
interface Added {
  /** Its name, after those of the options that it is in. */
  readonly path: readonly string[];
  readonly value: string;
  readonly safe: boolean;
}

/** The pool has an option for each of the settings; null where it does not, or they would be several. */
function byOptions(
  { wal, busyTimeout: timeout }: PoolFact,
  settings: readonly SettingName[],
  least: number,
): Added | null {
  const [setting, ...others] = settings;
  if (others.length > 0) return null;
  if (setting === 'journal' && wal) return { path: wal.path, value: 'true', safe: true };
  if (setting === 'timeout' && timeout) return { path: timeout.path, value: String(least), safe: true };
  return null;
}

function byFunction(
  { setup }: PoolFact,
  { id }: Driver,
  settings: readonly SettingName[],
  busyTimeout: number,
  path: string,
): Added | null {
  const idiom = IDIOMS[id];
  const place = setup.find((each) => each.path.join('.') === 'pool.afterCreate');
  if (!idiom || !place) return null;
  const [connection, done] = isJavaScript(path) ? ['connection', 'done'] : parameters(idiom);
  const pragmas = ORDER.filter(([setting]) => settings.includes(setting)).map(([, pragma]) =>
    pragma === '' ? `busy_timeout = ${busyTimeout}` : pragma,
  );
  // It is code that runs on each new connection, which its owner may want to stand elsewhere.
  return { path: place.path, value: `(${connection}, ${done}) => ${idiom.body(pragmas)}`, safe: false };
}

function parameters({ types: [connection, done] }: Idiom): [string, string] {
  return [`connection: ${connection}`, `done: ${done}`];
}

/** In the order in which they have to be made: the busy timeout works for those behind it. */
const ORDER: readonly (readonly [SettingName, string])[] = [
  ['timeout', ''],
  ['journal', 'journal_mode = WAL'],
  ['synchronous', 'synchronous = NORMAL'],
];

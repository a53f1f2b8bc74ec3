import { awaitOpen } from './await-open.ts';
import { importName, importOnlyFor, importsAtTop } from './imports.ts';
import { optionsArgument, type OptionsArgument } from './options-argument.ts';
import { insertion, withdrawn, type Edit, type Proposal } from './rewrite.ts';
import { superfluousSettings } from './superfluous.ts';
import type { Node, TSESTree } from '../analysis/javascript/syntax.ts';
import type { OpenFact } from '../analysis/facts.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Source } from './source.ts';
import type { Wrapper } from './wrapper.ts';

/** What the wrapper calls the options of a driver; the others are handed to the driver as they are. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'better-sqlite3': { readonly: 'readOnly', fileMustExist: 'mustExist', timeout: 'busyTimeout' },
  libsql: { readonly: 'readOnly', fileMustExist: 'mustExist', timeout: 'busyTimeout' },
  'node:sqlite': { readOnly: 'readOnly', timeout: 'busyTimeout' },
  'bun:sqlite': { readonly: 'readOnly' },
  sqlite: {},
  sqlite3: {},
  '@libsql/client': { timeout: 'busyTimeout' },
};

/** What the wrapper does where an option was meant that the driver ignores. */
const MEANT: Readonly<Record<string, string>> = {
  timeout: 'busyTimeout',
  busyTimeout: 'busyTimeout',
  busy_timeout: 'busyTimeout',
  readonly: 'readOnly',
  readOnly: 'readOnly',
  fileMustExist: 'mustExist',
  mustExist: 'mustExist',
};

/** The wrapper's name for an option of a driver; undefined where it goes to the driver as it is. */
function nameOf(option: string, driver: Driver): string | undefined {
  return OPTIONS[driver.id]?.[option] ?? (isOnlyMeant(option, driver) ? MEANT[option] : undefined);
}

/** An option without any effect so far, which the wrapper gives the one that was meant. */
function isOnlyMeant(option: string, { ignoredOptions }: Driver): boolean {
  return ignoredOptions[option] === null && MEANT[option] !== undefined;
}

/** Whether the wrapper has something for an option that a driver ignores. */
export function givesMeaning(option: string): boolean {
  return MEANT[option] !== undefined;
}

/** Whether a function of the driver itself opens the connection, so that the handle is the driver's own. */
export function isOfDriver({ driver, opening }: OpenFact): boolean {
  return opening !== null && Object.values(driver.exports).includes(opening);
}

/** Opens a connection by the wrapper, which makes the settings and checks them. */
export function openSafely(source: Source, open: OpenFact, wrapper: Wrapper | null): Proposal {
  if (!wrapper) return withdrawn('no-wrapper');
  const node = source.find(open.site.node);
  if (!node) return withdrawn('not-in-source');
  const { opening, driver } = open;
  if (!OPTIONS[driver.id] || !opening || opening.configured || !isOfDriver(open)) return withdrawn('by-a-library');
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return withdrawn('by-a-library');
  if (node.callee.type === 'Super') return withdrawn('by-a-library');
  const paren = source.openingParenthesis(node);
  if (!paren) return withdrawn('no-file-name');
  if (!importsAtTop(source, driver.modules)) return withdrawn('loaded-lazily');
  const isObject = 'option' in opening.file;
  const given = optionsArgument(node.arguments[isObject ? 0 : 1], source);
  const args = isObject
    ? fromObject(node, given, opening.file.option, driver, source)
    : inPlace(node, given, driver, source);
  if (!Array.isArray(args)) return args;
  const waits = opening.answers !== 'promise' && !driver.synchronous;
  const waiting = waits ? awaitOpen(node, source) : null;
  if (typeof waiting === 'string') return withdrawn(waiting);
  const name = wrapper.names.openDatabase;
  const { local, edits } = importName(source, wrapper.module, name, node, obsoleteImports(node, given, source));
  const passed = open.options.map((option) => nameOf(option.name, driver) ?? option.name);
  const superfluous = superfluousSettings(node, passed, source);
  const callee: Edit = { range: [node.range[0], paren.range[0]], text: (waiting?.before ?? '') + local };
  if (source.hasComment(callee.range)) return withdrawn('comment-inside');
  return {
    title: 'openSafely',
    data: { name, module: wrapper.module },
    // What is awaited is there later than before, and an option that was ignored does something now.
    safe: wrapper.isInstalled && !waits && !open.options.some((option) => isOnlyMeant(option.name, driver)),
    edits: [
      callee,
      ...args,
      ...superfluous,
      ...edits,
      ...(waiting?.edits ?? []),
      ...(isObject && given?.withoutVariable ? [given.withoutVariable] : []),
    ],
  };
}

/** The arguments of an opening call as the wrapper takes them. */
export interface OpeningArguments {
  readonly file: string;
  readonly options: string | null;
  /** Imports that nothing needs any longer. */
  readonly obsolete: readonly Node[];
}

/** What the wrapper is given in place of an opening call of the driver, or of the wrapper itself. */
export function openingArguments(source: Source, open: OpenFact): OpeningArguments | Proposal {
  const node = source.find(open.site.node);
  const { opening, driver } = open;
  if (node?.type !== 'NewExpression' && node?.type !== 'CallExpression') return withdrawn('by-a-library');
  if (!opening || !isOfDriver(open)) return withdrawn('by-a-library');
  const [file, options, ...more] = node.arguments;
  const isObject = 'option' in opening.file;
  const given = optionsArgument(isObject ? file : options, source);
  if (given?.withoutVariable) return withdrawn('options-elsewhere');
  const edits = isObject
    ? fromObject(node, given, opening.file.option, driver, source)
    : opening.configured
      ? []
      : inPlace(node, given, driver, source);
  if (!Array.isArray(edits)) return edits;
  if (!file || more.length > 0 || source.hasComment(node.range)) return withdrawn('no-file-name');
  const textOf = ({ range }: Node): string => applied(source, range, edits);
  return {
    file: textOf(file),
    options: options ? textOf(options) : null,
    obsolete: opening.configured ? [] : obsoleteImports(node, given, source),
  };
}

function applied(source: Source, [start, end]: readonly [number, number], edits: readonly Edit[]): string {
  let text = '';
  let done = start;
  for (const { range, text: replacement } of edits.toSorted((first, second) => first.range[0] - second.range[0])) {
    if (range[0] < start || range[1] > end) continue;
    text += source.text.slice(done, range[0]) + replacement;
    done = range[1];
  }
  return text + source.text.slice(done, end);
}

/** `new Database(file, { timeout: 100 })`: the file name stays, the options get the wrapper's names. */
function inPlace(
  node: TSESTree.NewExpression | TSESTree.CallExpression,
  given: OptionsArgument | null,
  driver: Driver,
  source: Source,
): Edit[] | Proposal {
  const [file, options, ...more] = node.arguments;
  if (!file || file.type === 'SpreadElement') return withdrawn('no-file-name');
  if (more.length > 0) return withdrawn('options-elsewhere');
  if (!options) return [];
  return given ? optionEdits(given.object, driver, source) : withdrawn('options-elsewhere');
}

/** Gives options the names of the wrapper; the driver's own further ones go to it as they are. */
function optionEdits(options: TSESTree.ObjectExpression, driver: Driver, source: Source): Edit[] | Proposal {
  const edits: Edit[] = [];
  const further: TSESTree.Property[] = [];
  for (const property of options.properties) {
    const key = property.type === 'Property' && !property.computed ? property.key : null;
    if (property.type !== 'Property' || key?.type !== 'Identifier') return withdrawn('options-elsewhere');
    const name = nameOf(key.name, driver);
    if (name === undefined) further.push(property);
    else if (name !== key.name)
      edits.push(
        property.shorthand
          ? { range: property.range, text: `${name}: ${source.textOf(key)}` }
          : { range: key.range, text: name },
      );
  }
  const [first] = further;
  const last = further.at(-1);
  if (!first || !last) return edits;
  // They can be kept together where they stand together.
  const at = options.properties.indexOf(first);
  if (options.properties[at + further.length - 1] !== last) return withdrawn('options-of-the-driver');
  return [...edits, insertion(first.range[0], 'driver: { '), insertion(last.range[1], ' }')];
}

/** `open({ filename, driver })`: the file name is taken out of the object. */
function fromObject(
  node: TSESTree.NewExpression | TSESTree.CallExpression,
  given: OptionsArgument | null,
  option: string,
  driver: Driver,
  source: Source,
): Edit[] | Proposal {
  const [argument, ...more] = node.arguments;
  if (!argument || !given || more.length > 0) return withdrawn('options-elsewhere');
  const { object } = given;
  let file: string | null = null;
  const options: string[] = [];
  const further: string[] = [];
  for (const property of object.properties) {
    if (property.type !== 'Property' || property.computed || property.key.type !== 'Identifier')
      return withdrawn('options-elsewhere');
    const { name } = property.key;
    const value = source.textOf(property.value);
    const named = nameOf(name, driver);
    if (name === option) file = value;
    else if (name === 'driver' && isStandardDriver(property.value)) continue;
    else if (named !== undefined) options.push(named === value ? value : `${named}: ${value}`);
    else further.push(source.textOf(property));
  }
  if (file === null) return withdrawn('no-file-name');
  if (source.hasComment(object.range)) return withdrawn('comment-inside');
  // Another driver below is not the one that the wrapper checks.
  if (option === 'filename' && further.length > 0) return withdrawn('options-of-the-driver');
  if (further.length > 0) options.push(`driver: { ${further.join(', ')} }`);
  return [{ range: argument.range, text: options.length > 0 ? `${file}, { ${options.join(', ')} }` : file }];
}

/** `sqlite3.Database`, the one that the wrapper takes as well. */
function isStandardDriver(node: Node): boolean {
  return (
    node.type === 'MemberExpression' &&
    !node.computed &&
    node.object.type === 'Identifier' &&
    node.property.type === 'Identifier' &&
    node.property.name === 'Database'
  );
}

/** The imports of the driver, and of the one below it, if nothing else in the file needs them. */
function obsoleteImports(
  node: TSESTree.NewExpression | TSESTree.CallExpression,
  given: OptionsArgument | null,
  source: Source,
): Node[] {
  const below = given?.object.properties.map(driverOf) ?? [];
  return [node.callee, ...below].flatMap((place) => (place ? (obsoleteImport(place, source) ?? []) : []));
}

/** `sqlite3.Database` of `{ driver: sqlite3.Database }` */
function driverOf(property: TSESTree.ObjectLiteralElement): Node | null {
  if (property.type !== 'Property' || property.key.type !== 'Identifier') return null;
  return property.key.name === 'driver' ? property.value : null;
}

function obsoleteImport(place: Node, source: Source): Node | null {
  let root = place;
  while (root.type === 'MemberExpression') root = root.object;
  const variable = root.type === 'Identifier' ? source.variableAt(root) : null;
  return variable && importOnlyFor(source, variable, root);
}

import { withdrawn, type Proposal } from './rewrite.ts';
import { behindMaking, makingOf } from './making.ts';
import type { Driver } from '../drivers/driver.ts';
import type { SourceNode } from '../analysis/ir.ts';
import type { ReceivedFact, SettingName } from '../analysis/facts.ts';
import type { Source } from './source.ts';

/** How a driver's code makes a setting, and whether the next statement can rely on it. */
interface Idiom {
  readonly pragma: (handle: string, pragma: string) => string;
  readonly busyTimeout?: (handle: string, milliseconds: number) => string;
  /** The connection has to be there by the next statement, because it is awaited. */
  readonly awaited: boolean;
  /** The settings are made before anything else runs. */
  readonly inOrder: boolean;
}

const byMethod: Idiom = {
  pragma: (handle, pragma) => `${handle}.pragma('${pragma}')`,
  awaited: false,
  inOrder: true,
};
const bySql: Idiom = { ...byMethod, pragma: (handle, pragma) => `${handle}.exec('PRAGMA ${pragma}')` };
const byAwaitedSql: Idiom = {
  ...bySql,
  pragma: (handle, pragma) => `await ${handle}.exec('PRAGMA ${pragma}')`,
  awaited: true,
};

/** By the id of the driver. Clients of a pool are not among them: what one connection is told, the next does not know. */
const IDIOMS: Readonly<Record<string, Idiom>> = {
  'better-sqlite3': byMethod,
  libsql: byMethod,
  'node:sqlite': bySql,
  'bun:sqlite': bySql,
  sqlite: byAwaitedSql,
  'sqlite-async': byAwaitedSql,
  sqlite3: {
    pragma: (handle, pragma) => `${handle}.run('PRAGMA ${pragma}')`,
    busyTimeout: (handle, milliseconds) => `${handle}.configure('busyTimeout', ${milliseconds})`,
    awaited: false,
    inOrder: false,
  },
};

/** In the order in which they have to be made: the busy timeout works for those behind it. */
const ORDER: readonly SettingName[] = ['timeout', 'journal', 'synchronous'];

/** Makes the settings that a connection lacks in the driver's own way, right behind the statement that opens it. */
export function setPragmas(
  source: Source,
  place: SourceNode,
  driver: Driver,
  settings: readonly SettingName[],
  busyTimeout: number,
): Proposal {
  const idiom = IDIOMS[driver.id];
  return idiom ? written(source, place, idiom, settings, busyTimeout) : withdrawn('no-idiom');
}

/** The same by a method of an object that has the connection. Only suggested, as the object is not the driver's. */
export function setPragmasWithin(
  source: Source,
  { site, means }: ReceivedFact,
  settings: readonly SettingName[],
  busyTimeout: number,
): Proposal {
  if (!means?.setUp) return withdrawn('within-an-object');
  const { name, answers, takes } = means.setUp;
  const node = source.find(site.node);
  if (answers === 'promise' && node && source.functionAround(node)?.async === false)
    return withdrawn('not-asynchronous');
  const word = answers === 'promise' ? 'await ' : '';
  const sql = takes === 'statement' ? 'PRAGMA ' : '';
  const idiom: Idiom = {
    pragma: (handle, pragma) => `${word}${handle}.${name}('${sql}${pragma}')`,
    awaited: means.promised,
    inOrder: false,
  };
  return written(source, site.node, idiom, settings, busyTimeout);
}

function written(
  source: Source,
  place: SourceNode,
  idiom: Idiom,
  settings: readonly SettingName[],
  busyTimeout: number,
): Proposal {
  const node = source.find(place);
  if (!node) return withdrawn('not-in-source');
  const making = makingOf(node, source);
  if (!making) return withdrawn('no-statement');
  if (making.awaited !== idiom.awaited) return withdrawn('not-awaited');
  const { handle } = making;
  const lines = ORDER.filter((setting) => settings.includes(setting)).map((setting) =>
    source.quoted(lineFor(setting, idiom, handle, busyTimeout)),
  );
  return { title: 'setPragmas', safe: idiom.inOrder, edits: behindMaking(making, lines, source) };
}

function lineFor(setting: SettingName, idiom: Idiom, handle: string, milliseconds: number): string {
  switch (setting) {
    case 'timeout':
      return idiom.busyTimeout?.(handle, milliseconds) ?? idiom.pragma(handle, `busy_timeout = ${milliseconds}`);
    case 'journal':
      return idiom.pragma(handle, 'journal_mode = WAL');
    case 'synchronous':
      return idiom.pragma(handle, 'synchronous = NORMAL');
  }
}

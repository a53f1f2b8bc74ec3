import { isAbsolute } from 'node:path';
import { DRIVERS, LAYERS } from './index.ts';
import { CONTEXT_BUILDERS, type ContextBuilder } from './context-builders.ts';
import { POOLS } from './pools.ts';
import { safeWrapper, unbusy, WRAPPER_NAMES, type WrapperNames } from './unbusy.ts';
import { lastPart, withoutExtension } from '../source-paths.ts';
import type { Driver, ExportFact } from './driver.ts';
import type { Layer } from './layer.ts';
import type { Pool, PoolFact } from './pool.ts';

/** What a project says of its own modules. */
export interface Additions {
  /** A module whose functions hand out safe connections of a driver. */
  readonly wrapper?: { readonly module: string; readonly driver: string; readonly names: Partial<WrapperNames> };
  /** Functions that open a connection. */
  readonly openers: readonly {
    readonly module: string;
    readonly name: string;
    readonly driver: string;
    /** It sets the busy timeout and WAL itself. */
    readonly configured: boolean;
  }[];
}

/** A quick test of a file's text: without a match it names no driver and no layer. */
const NAMES_DATABASE = ['sqlite', 'libsql', 'drizzle-orm', 'kysely'];
/** A part of each of them that is rare in other text; without the flag `i` it is searched for twice as fast. */
const PART_OF_NAME = /[sS][qQ][lL]|[zZ]{2}[lL][eE]-|[yY][sS][eE][lL]/;

/** What stands in a file that makes a pool, as opposed to the many that only name the module for its types. */
const POOL_OPENINGS = POOLS.map(openingOf);

/** The drivers and layers that an analysis knows, by module: those of this folder, and what the project adds. */
export class Catalogue {
  readonly #drivers = new Map<string, Driver>();
  readonly #layers = new Map<string, Layer[]>();
  readonly #pools = new Map<string, Pool>();
  readonly #names: RegExp;
  /** The project added names of its own, of which no part is known to be rare. */
  readonly #hasNames: boolean;
  /** The project added files of its own, which imports have to be resolved to. */
  readonly #hasFiles: boolean;

  constructor({ wrapper, openers }: Additions = { openers: [] }) {
    for (const driver of [...DRIVERS, ...unbusy])
      for (const module of driver.modules) this.#drivers.set(module, driver);
    for (const layer of LAYERS)
      for (const module of layer.modules) this.#layers.set(module, [...(this.#layers.get(module) ?? []), layer]);
    for (const pool of POOLS) for (const module of pool.modules) this.#pools.set(module, pool);
    const base = wrapper && driverNamed(wrapper.driver);
    if (base)
      this.#drivers.set(wrapper.module, safeWrapper(base, wrapper.module, { ...WRAPPER_NAMES, ...wrapper.names }));
    for (const opener of openers) this.#add(opener);
    const added = [...(base ? [wrapper.module] : []), ...openers.map(({ module }) => module)].map(lastPart);
    this.#names = new RegExp([...NAMES_DATABASE, ...added.map(escaped)].join('|'), 'i');
    this.#hasNames = added.length > 0;
    this.#hasFiles = [...this.#drivers.keys()].some((module) => isAbsolute(module));
  }

  #add({ module, name, driver: id, configured }: Additions['openers'][number]): void {
    const base = driverNamed(id);
    if (!base) return;
    const opening = Object.values(base.exports).find((fact) => fact.kind === 'connection');
    const fact: ExportFact = {
      kind: 'connection',
      by: 'construct or call',
      file: { argument: 0 },
      configured,
      ...(opening?.answers === 'promise' ? { answers: 'promise' } : {}),
    };
    const known = this.#drivers.get(module);
    const exports = { ...(known?.exports ?? {}), [name === 'default' ? '' : name]: fact };
    this.#drivers.set(module, { ...base, modules: [module], exports, options: {}, ignoredOptions: {} });
  }

  /** The module of the catalogue that an import names; `resolve` finds the file of a specifier. */
  moduleOf(specifier: string, resolve: (specifier: string) => string | null): string | null {
    if (this.isDatabaseModule(specifier)) return specifier;
    if (!this.#hasFiles) return null;
    const path = resolve(specifier);
    const module = path === null ? null : fileModule(path);
    return module !== null && this.#drivers.has(module) ? module : null;
  }

  /** The driver that a module specifier hands out. */
  driverOf(specifier: string): Driver | null {
    return this.#drivers.get(specifier) ?? null;
  }

  /** The layers that a module specifier hands out; several where types decide which one it is. */
  layersOf(specifier: string): readonly Layer[] {
    return this.#layers.get(specifier) ?? [];
  }

  /** How an export of a module opens a pool of connections. */
  poolOf(specifier: string, path: string): PoolFact | null {
    return this.#pools.get(specifier)?.exports[path] ?? null;
  }

  /** The builder of functions with a context that a module specifier hands out. */
  contextBuilderOf(specifier: string): ContextBuilder | null {
    return CONTEXT_BUILDERS.find(({ modules }) => modules.includes(specifier)) ?? null;
  }

  isDatabaseModule(specifier: string): boolean {
    return this.#drivers.has(specifier) || this.#layers.has(specifier) || this.#pools.has(specifier);
  }

  /** Whether an export of a driver or layer hands out handles, or is the type of one; errors and row types are not. */
  isDatabaseExport(specifier: string, name: string): boolean {
    if (name === '*' || name === 'default' || name === 'require') return this.isDatabaseModule(specifier);
    const driver = this.#drivers.get(specifier);
    const exports = driver?.exports ?? this.#pools.get(specifier)?.exports;
    if (exports) return Object.keys(exports).some((path) => path === name || path.startsWith(`${name}.`));
    return this.layersOf(specifier).some((layer) => name in layer.wraps || name in layer.types);
  }

  /**
   * Whether a file's text names a driver, a layer or a module that the project added, or opens a pool of one of the
   * modules that it imports; by far the cheapest question.
   */
  namesDatabase(text: string, imports: readonly { readonly specifier: string }[]): boolean {
    if ((this.#hasNames || PART_OF_NAME.test(text)) && this.#names.test(text)) return true;
    return (
      imports.some(({ specifier }) => this.#pools.has(specifier)) && POOL_OPENINGS.some((opening) => opening.test(text))
    );
  }
}

/** How the catalogue names a file of the project. */
export function fileModule(path: string): string {
  return withoutExtension(path).replace(/[\\/]index$/, '');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** A module's name, and somewhere behind it a call of one of its functions. */
function openingOf({ modules, exports }: Pool): RegExp {
  const calls = Object.entries(exports).map(([path, { by }]) => {
    const name = escaped(lastStep(path));
    return by === 'construct' ? `\\bnew\\s+[\\w.]*${name}\\b` : `${name}\\s*(?:<[^>]*>)?\\(`;
  });
  return new RegExp(`["'](?:${modules.map(escaped).join('|')})["'][^]*(?:${calls.join('|')})`);
}

function lastStep(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function driverNamed(id: string): Driver | undefined {
  return DRIVERS.find((driver) => driver.id === id);
}

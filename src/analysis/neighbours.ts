import type { ModuleFacts, OpenFact } from './facts.ts';
import type { Site } from './ir.ts';
import { Told } from './told.ts';
import type { Outline, Outlines } from './modules/outlines.ts';
import type { Project } from './modules/project.ts';
import type { Settings } from './solver/heap.ts';
import type { SettingName } from './solver/settings.ts';

/** Re-exports between an opening function and its caller that are looked through. */
const DEEPEST = 3;
const MOST_CALLERS = 60;
/** Modules that are looked into for WAL mode. */
const MOST_MODULES = 20;
const MOST_IMPORTERS = 10;
/** Imports between a function and the module that hands it its connection. */
const FARTHEST_TELLER = 4;
const MOST_TELLERS = 40;

interface WalOpen {
  readonly site: Site;
  /** Base name of the database file; null where it is not known. */
  readonly file: string | null;
}

/**
 * What the other modules of the project tell about a connection. A rule asks only where it is about to report: the answers
 * take a look at every file of the project.
 */
export class Neighbours {
  readonly #project: Project;
  readonly #outlines: Outlines;
  readonly #factsOf: (path: string) => ModuleFacts | null;
  readonly #callers = new Map<string, readonly string[]>();
  #walOpens: WalOpen[] | null = null;
  /** The state of the outlines that the answers were drawn from. */
  #version = 0;

  constructor(project: Project, outlines: Outlines, factsOf: (path: string) => ModuleFacts | null) {
    this.#project = project;
    this.#outlines = outlines;
    this.#factsOf = factsOf;
  }

  /** What the module of an opening call says of it itself. */
  openAt(opened: Site): OpenFact | null {
    return this.#factsOf(opened.module.path)?.opens.find((open) => isSame(open.site, opened)) ?? null;
  }

  /** Whether any caller in another module sets something on the connection that an opening call gives it. */
  setByCallers(opened: Site, setting: SettingName): boolean {
    // The first caller that sets it is enough; the small ones are asked first.
    return this.#callersOf(opened.module.path).some((path) =>
      this.#factsOf(path)?.received.some(
        (connection) =>
          isSame(connection.opened, opened) && connection.lives.some((life) => isSet(life.settings[setting])),
      ),
    );
  }

  /**
   * Whether WAL is switched on elsewhere for a file that is, or may be, the same one: WAL belongs to the file and stays
   * when it is opened again (https://sqlite.org/wal.html, section 3.3).
   */
  walElsewhere(opened: Site, file: string | null): 'no' | 'maybe' | 'yes' {
    const others = this.#opensWithWal().filter(
      (open) => !isSame(open.site, opened) && (file === null || open.file === null || open.file === file),
    );
    if (others.length === 0) return 'no';
    return file !== null && others.some((open) => open.file === file) ? 'yes' : 'maybe';
  }

  /** What modules that import a module, themselves or by way of others, tell about its functions and classes. */
  toldAbout(path: string): Told {
    this.#forgetOutdated();
    const tellers = new Set([path]);
    let level = [path];
    for (let distance = 0; distance < FARTHEST_TELLER && level.length > 0; distance += 1) {
      const next: string[] = [];
      for (const importer of level.flatMap((imported) => this.#importersOf(imported))) {
        if (tellers.has(importer) || tellers.size > MOST_TELLERS) continue;
        tellers.add(importer);
        next.push(importer);
      }
      level = next;
    }
    tellers.delete(path);
    const facts = [...tellers].flatMap((teller) => this.#factsOf(teller)?.told ?? []);
    return new Told(facts.filter(({ module }) => module === path));
  }

  /** Paths of modules that import something of a module, by way of others that pass it on or not. */
  #callersOf(path: string): readonly string[] {
    this.#forgetOutdated();
    const known = this.#callers.get(path);
    if (known) return known;
    const callers: Outline[] = [];
    const seen = new Set([path]);
    let level = [path];
    for (let depth = 0; depth < DEEPEST && level.length > 0; depth += 1) {
      const next: string[] = [];
      for (const imported of level) {
        for (const { outline, specifiers } of this.#outlines.mayImport(imported)) {
          if (seen.has(outline.path) || callers.length >= MOST_CALLERS) continue;
          if (!specifiers.some((specifier) => this.#project.resolve(outline.path, specifier) === imported)) continue;
          seen.add(outline.path);
          callers.push(outline);
          if (specifiers.some((specifier) => outline.reexports.includes(specifier))) next.push(outline.path);
        }
      }
      level = next;
    }
    const paths = callers.sort((first, second) => first.size - second.size).map((outline) => outline.path);
    this.#callers.set(path, paths);
    return paths;
  }

  #opensWithWal(): readonly WalOpen[] {
    this.#forgetOutdated();
    if (this.#walOpens) return this.#walOpens;
    const found: WalOpen[] = [];
    const modules = this.#outlines.all().filter((outline) => outline.mentionsWal);
    for (const { path } of modules.slice(0, MOST_MODULES)) {
      const own = this.#walOpensIn(path);
      found.push(...own);
      // A function that only switches it on is given the connection by another module.
      if (own.length > 0) continue;
      const importers = this.#importersOf(path, (outline) => outline.namesDatabase).slice(0, MOST_IMPORTERS);
      for (const caller of importers) found.push(...this.#walOpensIn(caller));
    }
    return (this.#walOpens = found);
  }

  /** Files may come and go that no analysis has read yet. */
  #forgetOutdated(): void {
    const { version } = this.#outlines;
    if (version === this.#version) return;
    this.#version = version;
    this.#callers.clear();
    this.#walOpens = null;
  }

  #importersOf(path: string, isMeant: (outline: Outline) => boolean = () => true): string[] {
    return this.#outlines
      .mayImport(path)
      .filter(({ outline }) => isMeant(outline))
      .filter(({ outline, specifiers }) =>
        specifiers.some((name) => this.#project.resolve(outline.path, name) === path),
      )
      .map(({ outline }) => outline.path);
  }

  #walOpensIn(path: string): WalOpen[] {
    const facts = this.#factsOf(path);
    return [...(facts?.opens ?? []), ...(facts?.received ?? [])].flatMap(({ site, lives }) =>
      lives.filter(({ settings }) => settings.journal === 'wal').map(({ settings }) => ({ site, file: settings.file })),
    );
  }
}

function isSet(value: Settings[SettingName]): boolean {
  return value !== 'unset' && value !== 'unknown';
}

function isSame(first: Site, second: Site): boolean {
  return first.module.path === second.module.path && first.node.range[0] === second.node.range[0];
}

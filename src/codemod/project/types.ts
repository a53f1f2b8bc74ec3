import { withSlashes } from '../files/slashes.ts';
import type { Projects } from './projects.ts';
import type { Config } from './tsconfig.ts';

/** An error of the type checker. */
export interface TypeFault {
  /** Counts from 1. */
  readonly line: number;
  readonly code: number;
  readonly message: string;
}

/** Texts of files by their absolute paths. */
export type Texts = ReadonlyMap<string, string>;

type Faults = ReadonlyMap<string, readonly TypeFault[]>;

/** Asks the type checker what it has against texts that are not written yet. */
export interface TypeCheck {
  /**
   * The errors that texts bring with them, in their own files and in those that import them: what is there already does
   * not count, wherever it has moved. By absolute path, with slashes.
   */
  errorsAdded(texts: Texts): Promise<Faults>;
}

/** Loads nothing before the first question: files without SQLite never come here. */
export function typeCheck(projects: Projects): TypeCheck {
  const known = new Map<Config, CheckedConfig>();
  return {
    async errorsAdded(texts) {
      const added = new Map<string, readonly TypeFault[]>();
      for (const [config, files] of await byConfig([...texts.keys()], projects)) {
        let checked = known.get(config);
        if (!checked) known.set(config, (checked = new CheckedConfig(projects, config)));
        for (const [file, faults] of await checked.errorsAdded(files, texts)) added.set(file, faults);
      }
      return added;
    },
  };
}

async function byConfig(files: readonly string[], projects: Projects): Promise<Map<Config, string[]>> {
  const found = new Map<Config, string[]>();
  for (const file of files) {
    const config = await projects.configOf(file);
    found.set(config, [...(found.get(config) ?? []), file]);
  }
  return found;
}

/** What has been found out about the files of one config; its program may be gone meanwhile. */
class CheckedConfig {
  readonly #projects: Projects;
  readonly #config: Config;
  /** The errors of files as they are on the disk. */
  readonly #before = new Map<string, readonly TypeFault[]>();
  /** The files that the program has. */
  #reach: ReadonlySet<string> = new Set();
  /** The last question, and the answer to it. */
  #texts: Texts | null = null;
  #added: Faults = new Map();

  constructor(projects: Projects, config: Config) {
    this.#projects = projects;
    this.#config = config;
  }

  async errorsAdded(files: readonly string[], texts: Texts): Promise<Faults> {
    const isReached = (path: string): boolean => files.includes(path) || this.#reach.has(withSlashes(path));
    const reached = new Map([...texts].filter(([path]) => isReached(path)));
    if (this.#texts === null || !isSame(this.#texts, reached)) await this.#ask(files, texts);
    return this.#added;
  }

  async #ask(files: readonly string[], texts: Texts): Promise<void> {
    const slice = await this.#projects.load(this.#config, new Map());
    slice.extend(files);
    const asked = [...files.map(withSlashes), ...slice.importersOf(files)];
    for (const file of asked) if (!this.#before.has(file)) this.#before.set(file, slice.faultsIn(file));
    slice.show(texts);
    const found = asked.map((file) => [file, without(slice.faultsIn(file), this.#before.get(file) ?? [])] as const);
    this.#added = new Map(found.filter(([, faults]) => faults.length > 0));
    this.#reach = new Set(slice.sources.map(({ fileName }) => fileName));
    this.#texts = new Map([...texts].filter(([path]) => files.includes(path) || slice.has(path)));
  }
}

function isSame(first: Texts, second: Texts): boolean {
  return first.size === second.size && [...first].every(([path, text]) => second.get(path) === text);
}

/** Those that are not among others: an error is the same by what it says, wherever it has moved. */
function without(faults: readonly TypeFault[], others: readonly TypeFault[]): readonly TypeFault[] {
  const left = others.map(keyOf);
  return faults.filter((fault) => {
    const at = left.indexOf(keyOf(fault));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function keyOf({ code, message }: TypeFault): string {
  return `${code} ${message}`;
}

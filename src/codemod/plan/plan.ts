import { relative } from 'node:path';
import { concerns, forgetModules, setUnwritten } from '../../analysis/index.ts';
import { analysisSettings } from '../../settings.ts';
import { withSlashes } from '../files/slashes.ts';
import { connectionsIn } from './connections.ts';
import { PlannedFile, type Chooser, type FileState, type Looks } from './planned-file.ts';
import type { Seen } from '../jobs/task.ts';
import type { ConnectionPlace } from '../model.ts';
import type { Configuration } from '../project/configuration.ts';

/** A file to look at; `text` has no byte order mark. */
export interface SourceText {
  /** From the root, with slashes. */
  readonly path: string;
  readonly absolute: string;
  readonly text: string;
}

export interface PlanOptions {
  readonly root: string;
  readonly configure: (absolute: string) => Promise<Configuration>;
  /** Which rewrites are made, one step after the other. */
  readonly steps: readonly Chooser[];
  readonly onProgress?: (done: number, all: number) => void;
}

/** What is to become of a project's files: nothing of it is written. */
export class Plan {
  /** Those with a site, and those that a change of the project has reached. */
  readonly files: PlannedFile[] = [];
  readonly warnings = new Set<string>();
  readonly connections: ConnectionPlace[] = [];
  readonly unparsed: { readonly path: string; readonly problem: string }[] = [];
  readonly #options: PlanOptions;
  #steps: readonly Chooser[];
  /** Without a site so far; what is changed in other files may give them one. */
  readonly #quiet: (SourceText & { readonly configuration: Configuration })[] = [];

  constructor(options: PlanOptions) {
    this.#options = options;
    this.#steps = options.steps;
  }

  /** Looks at all files, as far as nobody has before, and keeps those with something to report. */
  async examine(files: readonly SourceText[], ahead: ReadonlyMap<string, Seen> = new Map()): Promise<void> {
    const { root, configure, onProgress } = this.#options;
    this.#show();
    for (const [index, file] of files.entries()) {
      onProgress?.(index, files.length);
      const seen = ahead.get(file.absolute);
      if (seen?.isConcerned === false) continue;
      const configuration = await configure(file.absolute);
      const settings = analysisSettings({ settings: configuration.settings ?? {}, cwd: root });
      // All but a few files have nothing to do with SQLite: those are not even parsed.
      if (!seen && !concerns(file.absolute, file.text, settings)) continue;
      const planned = this.#take({ ...file, configuration }, seen?.looks);
      if (seen) this.connections.push(...seen.connections);
      else if (planned.code) this.connections.push(...connectionsIn(planned.code, file, settings, root));
      planned.release();
    }
    onProgress?.(files.length, files.length);
  }

  /**
   * Makes rewrites until none is left to be made: in each file by itself, with the others as they were, and once more
   * whenever what the others have become makes a difference.
   */
  async settle(): Promise<void> {
    while (await this.#settleFiles()) {
      this.refresh();
      this.#wake();
    }
  }

  /** Other rewrites are made from now on. */
  goOn(steps: readonly Chooser[]): void {
    this.#steps = steps;
  }

  /** The texts that are planned for files that change, by their absolute paths. */
  get texts(): ReadonlyMap<string, string> {
    const changed = this.files.filter(({ isChanged }) => isChanged);
    return new Map(changed.map(({ absolute, text }) => [absolute, text]));
  }

  /** Makes one rewrite in one file; returns whether there was one. */
  async advanceOne(file: PlannedFile): Promise<boolean> {
    return (await firstThatMoves(file, this.#steps, 1)) !== null;
  }

  /** Looks at files again, at all if none are named, each of them as the others are now. */
  refresh(files: readonly PlannedFile[] = this.files): void {
    this.#show();
    for (const file of files) {
      file.refresh();
      file.release();
    }
  }

  /** The file of a path, where the plan has it. */
  find(absolute: string): PlannedFile | null {
    const wanted = withSlashes(absolute);
    return this.files.find((file) => withSlashes(file.absolute) === wanted) ?? null;
  }

  /** A file that the plan did not have yet, because a change of the project reaches it. */
  async add(absolute: string, text: string): Promise<PlannedFile> {
    const { root, configure } = this.#options;
    const path = withSlashes(relative(root, absolute));
    const file = new PlannedFile(root, { path, absolute, text }, await configure(absolute));
    file.refresh();
    const at = this.#quiet.findIndex((quiet) => quiet.absolute === absolute);
    if (at >= 0) this.#quiet.splice(at, 1);
    this.files.push(file);
    return file;
  }

  /** The texts as they are, to come back to. */
  snapshot(): ReadonlyMap<PlannedFile, FileState> {
    return new Map(this.files.map((file) => [file, file.state]));
  }

  /** Files that came since have their texts of the disk. */
  restore(states: ReadonlyMap<PlannedFile, FileState>): void {
    for (const file of this.files) {
      const state = states.get(file);
      if (state) file.state = state;
      else file.restart();
    }
  }

  /** Leaves a comment at each place that no rewrite is made for, once. */
  leaveTodos(): void {
    for (const file of this.files) file.leaveTodos();
  }

  /** Has the analysis see files as they are on the disk again. */
  dispose(): void {
    setUnwritten(new Map());
    forgetModules();
  }

  #take(file: SourceText & { readonly configuration: Configuration }, known: Looks['known'] = null): PlannedFile {
    const planned = new PlannedFile(this.#options.root, file, file.configuration, { known });
    planned.refresh();
    for (const warning of planned.warnings) this.warnings.add(warning);
    if (planned.problem !== null) this.unparsed.push({ path: file.path, problem: planned.problem });
    else if (planned.sites.all.length > 0) this.files.push(planned);
    else this.#quiet.push(file);
    return planned;
  }

  /** Returns whether anything has changed. What is safe goes first in all files. */
  async #settleFiles(): Promise<boolean> {
    let hasMoved = false;
    for (const [index] of this.#steps.entries()) {
      const steps = this.#steps.slice(0, index + 1);
      for (const file of this.files) if (await settleFile(file, steps)) hasMoved = true;
    }
    return hasMoved;
  }

  /** Looks at the files without a site again; those that have one now join the others. */
  #wake(): void {
    for (const file of this.#quiet.splice(0)) this.#take(file);
  }

  /** Has the analysis see the texts that are planned. */
  #show(): void {
    setUnwritten(this.texts);
  }
}

/** Makes the rewrites of a file until none is left to be made; returns whether there was one. */
export async function settleFile(file: PlannedFile, steps: readonly Chooser[]): Promise<boolean> {
  let hasMoved = false;
  while ((await firstThatMoves(file, steps)) !== null) {
    file.update();
    hasMoved = true;
  }
  file.release();
  return hasMoved;
}

async function firstThatMoves(file: PlannedFile, steps: readonly Chooser[], most?: number): Promise<Chooser | null> {
  for (const step of steps) if (await file.advance(step, most)) return step;
  return null;
}

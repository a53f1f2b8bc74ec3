import type { Choice } from '../project/configuration.ts';
import type { ConnectionPlace } from '../model.ts';
import type { Look } from '../project/lint.ts';
import type { SourceText } from '../plan/plan.ts';

/** What a process of its own is to look at, and how. */
export interface Task {
  readonly root: string;
  readonly files: readonly SourceText[];
  readonly config: string | false | null;
  readonly choice: Choice;
  readonly suggestions: boolean;
  /** Sites wait for the wrapper that could have it if the functions around them were asynchronous. */
  readonly wrapperFirst: boolean;
}

/**
 * What was seen of a file, from the text that it has to the one that its rewrites make of it, with the others as they are on
 * the disk.
 */
export interface Seen {
  readonly absolute: string;
  /** Whether it can have findings at all. */
  readonly isConcerned: boolean;
  readonly connections: readonly ConnectionPlace[];
  /** By text. */
  readonly looks: ReadonlyMap<string, Look>;
}

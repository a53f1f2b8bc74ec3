import type { Edit } from '../../rewrites/rewrite.ts';
import type { Projects } from '../project/projects.ts';
import type { Texts } from '../project/types.ts';

/** Something a person should know besides, at a place. */
export interface Note {
  readonly path: string;
  /** Counts from 1. */
  readonly line: number;
  readonly text: string;
}

/** What it takes that a place may await: functions become asynchronous, and so do those that call them. */
export interface Asynchronous {
  readonly kind: 'asynchronous';
  /** In the texts as they were shown, by absolute path; empty where the place may await as it is. */
  readonly edits: ReadonlyMap<string, readonly Edit[]>;
  /** How many functions become asynchronous. */
  readonly functions: number;
  /** Callbacks whose errors are rejections from now on; tests and mocks that name a function that changes. */
  readonly notes: readonly Note[];
}

/** Where that stops: nothing of it is changed. */
export interface Boundary {
  readonly kind: 'boundary';
  readonly path: string;
  readonly line: number;
  /** A sentence about that place. */
  readonly why: string;
}

/** A place in a text, by UTF-16 units from 0. */
export interface At {
  readonly path: string;
  readonly offset: number;
}

/**
 * The edits that make the function around a place asynchronous, with all that call it in all files of the project. `texts`
 * are those that differ from the disk, by absolute path. Nothing but the timing changes.
 */
export async function makeAsynchronous(projects: Projects, texts: Texts, at: At): Promise<Asynchronous | Boundary> {
  const { asynchronous } = await import('./asynchronous.ts');
  const slice = await projects.load(await projects.wholeOf(at.path), texts);
  return asynchronous(slice, projects.tree, texts, at);
}

import { problems, Session, type SourceFile } from './session.ts';
import type { Facts } from './facts.ts';
import type { Project } from './modules/project.ts';

let session = new Session();

/** Forgets all modules of the project that were read. */
export function forgetModules(): void {
  session = new Session();
}

export function currentProject(): Project {
  return session.project;
}

/** The facts of a file; null where it has nothing to do with SQLite. Never throws. */
export function analyze(file: SourceFile): Facts | null {
  try {
    return session.analyze(file);
  } catch (problem) {
    problems.push(problem);
    return null;
  }
}

export { givenUp, problems } from './session.ts';
export type { Facts } from './facts.ts';

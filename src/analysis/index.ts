import { problems, Session, type AnalysisSettings, type SourceFile } from './session.ts';
import type { Facts } from './facts.ts';
import type { Project } from './modules/project.ts';

const sessions = new Map<string, Session>();
let current = sessionFor({ openers: [], foreignWork: [] });

function sessionFor(settings: AnalysisSettings): Session {
  const key = JSON.stringify(settings);
  let session = sessions.get(key);
  if (!session) sessions.set(key, (session = new Session(settings)));
  return session;
}

/** Forgets all modules of the project that were read. */
export function forgetModules(): void {
  sessions.clear();
  current = sessionFor({ openers: [], foreignWork: [] });
}

/** The project of the file that was analysed last. */
export function currentProject(): Project {
  return current.project;
}

/** The facts of a file; null where it has nothing to do with SQLite. Never throws. */
export function analyze(file: SourceFile, settings: AnalysisSettings = { openers: [], foreignWork: [] }): Facts | null {
  try {
    current = sessionFor(settings);
    return current.analyze(file);
  } catch (problem) {
    problems.push(problem);
    return null;
  }
}

export { givenUp, problems } from './session.ts';
export type { AnalysisSettings } from './session.ts';
export type { Facts } from './facts.ts';

import { problems, Session, type AnalysisSettings, type SourceFile } from './session.ts';
import type { Facts } from './facts.ts';
import type { Project } from './modules/project.ts';

const DEFAULTS: AnalysisSettings = { openers: [], foreignWork: [] };

/** By what the settings say, and by the object that says it. */
const sessions = new Map<string, Session>();
let known = new WeakMap<AnalysisSettings, Session>();
let current = sessionFor(DEFAULTS);

function sessionFor(settings: AnalysisSettings): Session {
  let session = known.get(settings);
  if (session) return session;
  const key = JSON.stringify(settings);
  session = sessions.get(key);
  if (!session) sessions.set(key, (session = new Session(settings)));
  known.set(settings, session);
  return session;
}

/** Forgets all modules of the project that were read. */
export function forgetModules(): void {
  sessions.clear();
  known = new WeakMap();
  current = sessionFor(DEFAULTS);
}

/** The project of the file that was analysed last. */
export function currentProject(): Project {
  return current.project;
}

/** The facts of a file; null where it has nothing to do with SQLite. Never throws. */
export function analyze(file: SourceFile, settings: AnalysisSettings = DEFAULTS): Facts | null {
  try {
    current = sessionFor(settings);
    return current.analyze(file);
  } catch (problem) {
    problems.push(problem);
    return null;
  }
}

/** Whether the text of a file can have facts, at a glance: without parsing it. */
export function concerns(path: string, text: string, settings: AnalysisSettings = DEFAULTS): boolean {
  current = sessionFor(settings);
  return current.concerns(path, text);
}

export { setUnwritten } from './modules/sources.ts';
export { givenUp, problems } from './session.ts';
export type { AnalysisSettings } from './session.ts';
export type { Facts } from './facts.ts';

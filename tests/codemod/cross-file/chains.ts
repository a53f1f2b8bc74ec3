import { relative } from 'node:path';
import { onTestFinished } from 'vitest';
import { makeAsynchronous } from '../../../src/codemod/cross-file/index.ts';
import { applyEdits } from '../../../src/codemod/plan/edits.ts';
import { Projects } from '../../../src/codemod/project/projects.ts';
import { withSlashes } from '../../../src/codemod/files/slashes.ts';
import { ProjectFolder } from '../../project-folder.ts';
import { dedent } from '../../source.ts';

/** Stands in front of what is to be awaited. */
const MARK = '▸';

export const TYPESCRIPT = {
  'package.json': '{ "type": "module", "private": true }',
  'tsconfig.json': `{
    "compilerOptions": {
      "strict": true, "module": "nodenext", "target": "es2022", "types": [], "noEmit": true,
      "allowImportingTsExtensions": true
    },
    "include": ["src"]
  }`,
};

/** The class that the programs open, as a driver would have it. */
export const DRIVER = `
  export class Database {
    constructor(readonly file: string) {}
    run(sql: string): void {}
    all(sql: string): string[] {
      return [];
    }
  }`;

export interface Chained {
  /** The texts that are other ones now. */
  readonly changed: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  /** Place and reason, where nothing is changed. */
  readonly boundary: string | null;
  readonly functions: number;
}

/** Lets the marked place be awaited. */
export async function chained(files: Readonly<Record<string, string>>): Promise<Chained> {
  const texts = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, dedent(text)]));
  const marked = Object.entries(texts).find(([, text]) => text.includes(MARK));
  if (!marked) throw new Error('no place is marked');
  const [name, text] = marked;
  const folder = new ProjectFolder({ ...texts, [name]: text.replace(MARK, '') });
  const projects = new Projects(folder.path);
  onTestFinished(() => {
    projects.dispose();
  });
  const from = (path: string): string => withSlashes(relative(folder.path, path));
  const result = await makeAsynchronous(projects, new Map(), { path: folder.file(name), offset: text.indexOf(MARK) });
  if (result.kind === 'boundary')
    return { changed: {}, notes: [], functions: 0, boundary: `${from(result.path)}:${result.line} ${result.why}` };
  return {
    changed: Object.fromEntries(
      [...result.edits].map(([path, edits]) => [from(path), applyEdits(folder.text(from(path)), edits)]),
    ),
    notes: result.notes.map((note) => `${from(note.path)}:${note.line} ${note.text}`),
    boundary: null,
    functions: result.functions,
  };
}

/** Texts as the result has them. */
export function texts(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, dedent(text)]));
}

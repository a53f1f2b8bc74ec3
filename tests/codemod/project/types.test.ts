import fs from 'node:fs';
import { relative } from 'node:path';
import { ts } from 'ts-morph';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { withSlashes } from '../../../src/codemod/files/slashes.ts';
import { Projects } from '../../../src/codemod/project/projects.ts';
import { typeCheck } from '../../../src/codemod/project/types.ts';
import { ProjectFolder } from '../../project-folder.ts';
import { dedent } from '../../source.ts';

type Files = Readonly<Record<string, string>>;

const config = (include: string, more = ''): string =>
  `{ "compilerOptions": { "strict": true, "module": "nodenext", "types": [] ${more} }, "include": ["${include}"] }`;

/** The errors that texts bring with them, by file: line, code. */
async function added(folder: ProjectFolder, texts: Files, projects = new Projects(folder.path)): Promise<Files> {
  onTestFinished(() => {
    projects.dispose();
  });
  const changes = new Map(Object.entries(texts).map(([name, text]) => [folder.file(name), dedent(text)]));
  const errors = await typeCheck(projects).errorsAdded(changes);
  return Object.fromEntries(
    [...errors].map(([path, faults]) => [
      withSlashes(relative(folder.path, path)),
      faults.map(({ line, code }) => `${line}: ${code}`).join(', '),
    ]),
  );
}

describe('an error of the types is one that a new text brings with it', () => {
  const cases: readonly {
    readonly name: string;
    readonly files: Files;
    readonly texts: Files;
    readonly errors: Files;
  }[] = [
    {
      name: 'in the text itself, and in those that import it',
      files: {
        'tsconfig.json': config('src'),
        'src/a.ts': 'export const size = 1;',
        'src/b.ts': "import { size } from './a.js';\nexport const twice: number = size * 2;",
        'src/c.ts': "import { twice } from './b.js';\nexport const text: string = twice.toFixed();",
      },
      texts: { 'src/a.ts': "export const size = 'one';\nconst other: number = size;" },
      errors: { 'src/a.ts': '2: 2322', 'src/b.ts': '2: 2362' },
    },
    {
      name: 'and not one that was there, wherever it has moved',
      files: { 'tsconfig.json': config('src'), 'src/a.ts': "const size: number = 'one';\nexport { size };" },
      texts: { 'src/a.ts': "// moved\nconst size: number = 'one';\nexport { size };" },
      errors: {},
    },
    {
      name: 'and one more of those that were there',
      files: { 'tsconfig.json': config('src'), 'src/a.ts': "export const a: number = 'one';" },
      texts: { 'src/a.ts': "export const a: number = 'one';\nexport const b: number = 'one';" },
      errors: { 'src/a.ts': '2: 2322' },
    },
    {
      name: 'with packages that are not installed, before and after',
      files: { 'tsconfig.json': config('src'), 'src/a.ts': "import x from 'missing';\nexport const size: number = x;" },
      texts: { 'src/a.ts': "import x from 'missing';\nexport const size: number = x;\nexport const no: number = '';" },
      errors: { 'src/a.ts': '3: 2322' },
    },
    {
      name: 'but the import of the wrapper where it is not installed, whose values may be anything',
      files: { 'tsconfig.json': config('src'), 'src/a.ts': 'export const db = null;' },
      texts: {
        'src/a.ts': `
          import { openDatabase } from 'unbusy/node-sqlite';
          export const db: { close(): void } = openDatabase('app.db');
          db.shut();`,
      },
      errors: { 'src/a.ts': '3: 2339' },
    },
    {
      name: 'with the declarations of the language',
      files: { 'tsconfig.json': config('src'), 'src/a.ts': 'export const a = [1].map(String);' },
      texts: { 'src/a.ts': 'export const a = [1].map(String);\nexport const b: number = a.at(0)?.length ?? "";' },
      errors: { 'src/a.ts': '2: 2322' },
    },
    {
      name: 'in JavaScript that the project has checked',
      files: {
        'jsconfig.json': '{ "compilerOptions": { "checkJs": true, "types": [] } }',
        'a.js': 'export const a = 1;',
      },
      texts: { 'a.js': 'export const a = 1;\na.foo();' },
      errors: { 'a.js': '2: 2339' },
    },
    {
      name: 'but not in JavaScript that nobody checks',
      files: { 'tsconfig.json': config('src'), 'src/a.ts': 'export {};', 'tools/a.js': 'export const a = 1;' },
      texts: { 'tools/a.js': 'export const a = 1;\na.foo();' },
      errors: {},
    },
    {
      name: 'in TypeScript that no config has',
      files: { 'package.json': '{ "type": "module" }', 'a.ts': 'export const a = 1;' },
      texts: { 'a.ts': 'export const a = 1;\nexport const b: string = a;' },
      errors: { 'a.ts': '2: 2322' },
    },
    {
      name: 'each file by its own config: a reference, another config of the folder, the options of the nearest one',
      files: {
        'tsconfig.json': '{ "files": [], "references": [{ "path": "./app" }] }',
        'app/tsconfig.json': config('.', ', "composite": true'),
        'app/a.ts': 'export const a = 1;',
        'lib/tsconfig.json': '{ "compilerOptions": { "strict": false, "types": [] }, "include": ["src"] }',
        'lib/tsconfig.test.json': '{ "compilerOptions": { "strict": true, "types": [] }, "include": ["tests"] }',
        'lib/src/b.ts': 'export let b = 1;',
        'lib/tests/c.ts': 'export let c = 1;',
        'lib/tools/d.ts': 'export let d = 1;',
      },
      texts: {
        'app/a.ts': 'export let a = 1;\na = null;',
        'lib/src/b.ts': 'export let b = 1;\nb = null;',
        'lib/tests/c.ts': 'export let c = 1;\nc = null;',
        'lib/tools/d.ts': 'export let d = 1;\nd = null;',
      },
      errors: { 'app/a.ts': '2: 2322', 'lib/tests/c.ts': '2: 2322' },
    },
  ];

  test.each(cases)('$name', async ({ files, texts, errors }) => {
    expect(await added(new ProjectFolder(files), texts)).toEqual(errors);
  });
});

describe('what it costs', () => {
  const files = {
    'tsconfig.json': config('src'),
    'src/a.ts': 'export const a = 1;',
    'src/b.ts': "import { a } from './a.js';\nexport const b = a;",
    ...Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`src/other${index}.ts`, `export const x = ${index};`]),
    ),
  };

  test('nothing is loaded before the first question', async () => {
    const read = vi.spyOn(fs, 'readFileSync');
    onTestFinished(() => {
      read.mockRestore();
    });
    const folder = new ProjectFolder(files);
    read.mockClear();
    expect(await added(folder, {})).toEqual({});
    expect(read).not.toHaveBeenCalled();
  });

  test('each file is parsed once, and only what changes and what imports it is asked for errors', async () => {
    const folder = new ProjectFolder(files);
    const projects = new Projects(folder.path);
    const slice = await projects.load(await projects.configOf(folder.file('src/a.ts')), new Map());
    const parsed: string[] = [];
    const snapshot = vi.spyOn(ts.ScriptSnapshot, 'fromString');
    const asked = vi.spyOn(slice.service, 'getSemanticDiagnostics');
    onTestFinished(() => {
      snapshot.mockRestore();
    });
    const check = typeCheck(projects);
    for (const text of ['export const a = 2;', 'export const a = 3;', 'export const a = 4;'])
      await check.errorsAdded(new Map([[folder.file('src/a.ts'), text]]));
    for (const [text] of snapshot.mock.calls) parsed.push(text);
    expect(parsed.filter((text) => text.startsWith('export const x')).toSorted()).toEqual(
      Array.from({ length: 20 }, (_, index) => `export const x = ${index};`).toSorted(),
    );
    expect(new Set(asked.mock.calls.map(([path]) => relative(folder.path, path)))).toEqual(
      new Set(['src/a.ts', 'src/b.ts']),
    );
    // The same question again is answered without the type checker.
    const before = asked.mock.calls.length;
    await check.errorsAdded(new Map([[folder.file('src/a.ts'), 'export const a = 4;']]));
    expect(asked.mock.calls).toHaveLength(before);
  });

  test('one program is there at a time', async () => {
    const folder = new ProjectFolder({
      'one/tsconfig.json': config('.'),
      'one/a.ts': 'export const a = 1;',
      'two/tsconfig.json': config('.'),
      'two/b.ts': 'export const b = 1;',
    });
    const projects = new Projects(folder.path);
    const one = await projects.load(await projects.configOf(folder.file('one/a.ts')), new Map());
    const dispose = vi.spyOn(one, 'dispose');
    await projects.load(await projects.configOf(folder.file('one/a.ts')), new Map());
    expect(dispose).not.toHaveBeenCalled();
    await projects.load(await projects.configOf(folder.file('two/b.ts')), new Map());
    expect(dispose).toHaveBeenCalledOnce();
  });
});

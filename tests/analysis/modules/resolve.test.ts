import { relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Resolver } from '../../../src/analysis/modules/resolve.ts';
import { ProjectFolder } from '../../project-folder.ts';

/** What a specifier in a file of a project leads to, relative to the project and with slashes. */
function resolved(files: Readonly<Record<string, string>>, from: string, specifier: string): string | null {
  const folder = new ProjectFolder(files);
  const path = new Resolver().resolve(folder.file(from), specifier);
  return path === null ? null : relative(folder.path, path).split(sep).join('/');
}

describe('relative specifiers', () => {
  const files = {
    'src/a.ts': '',
    'src/view.tsx': '',
    'src/worker.mts': '',
    'src/old.cjs': '',
    'src/plain.js': '',
    'src/both.ts': '',
    'src/both.js': '',
    'src/types.d.ts': '',
    'src/data.json': '{}',
    'src/folder/index.ts': '',
    'main.ts': '',
  };

  test.each([
    ['./src/a', 'src/a.ts'],
    ['./src/a.ts', 'src/a.ts'],
    ['./src/a.js', 'src/a.ts'],
    ['./src/view.js', 'src/view.tsx'],
    ['./src/view.jsx', 'src/view.tsx'],
    ['./src/worker.mjs', 'src/worker.mts'],
    ['./src/old.cjs', 'src/old.cjs'],
    ['./src/plain.js', 'src/plain.js'],
    ['./src/plain', 'src/plain.js'],
    ['./src/folder', 'src/folder/index.ts'],
    ['./src/folder/index.js', 'src/folder/index.ts'],
    ['./src/../src/a', 'src/a.ts'],
  ])('%s is %s', (specifier, path) => {
    expect(resolved(files, 'main.ts', specifier)).toBe(path);
  });

  test('a source goes before what is compiled from it', () => {
    expect(resolved(files, 'main.ts', './src/both.js')).toBe('src/both.ts');
  });

  test('from a file in a folder', () => {
    expect(resolved(files, 'src/folder/index.ts', '../a.js')).toBe('src/a.ts');
    expect(resolved({ ...files, 'index.ts': '' }, 'src/a.ts', '..')).toBe('index.ts');
  });

  test.each([
    ['what is not there', './src/missing'],
    ['declarations', './src/types'],
    ['what is no source', './src/data.json'],
  ])('%s is nothing', (_, specifier) => {
    expect(resolved(files, 'main.ts', specifier)).toBeNull();
  });
});

describe('modules that are not of the project', () => {
  test('built-in ones', () => {
    expect(resolved({ 'sqlite.ts': '' }, 'main.ts', 'node:sqlite')).toBeNull();
    expect(resolved({ 'sqlite.ts': '' }, 'main.ts', 'bun:sqlite')).toBeNull();
    expect(resolved({}, 'main.ts', 'fs')).toBeNull();
  });

  test('installed packages', () => {
    const files = {
      'node_modules/driver/package.json': '{ "name": "driver", "main": "index.js" }',
      'node_modules/driver/index.js': '',
    };
    expect(resolved(files, 'main.ts', 'driver')).toBeNull();
    expect(resolved(files, 'main.ts', './node_modules/driver/index.js')).toBeNull();
  });
});

describe('tsconfig paths', () => {
  test('with a star', () => {
    const files = {
      'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
      'src/db.ts': '',
      'src/app/main.ts': '',
    };
    expect(resolved(files, 'src/app/main.ts', '@/db')).toBe('src/db.ts');
    expect(resolved(files, 'src/app/main.ts', '@/missing')).toBeNull();
  });

  test('of one name, with several targets', () => {
    const files = {
      'tsconfig.json': '{ "compilerOptions": { "paths": { "database": ["./gen/db.ts", "./src/db.ts"] } } }',
      'src/db.ts': '',
    };
    expect(resolved(files, 'main.ts', 'database')).toBe('src/db.ts');
  });

  test('from baseUrl', () => {
    const files = {
      'tsconfig.json': '{ "compilerOptions": { "baseUrl": "./src", "paths": { "~/*": ["lib/*"] } } }',
      'src/lib/db.ts': '',
    };
    expect(resolved(files, 'src/main.ts', '~/db')).toBe('src/lib/db.ts');
  });

  test('in a config with comments that extends a package which is not installed', () => {
    const files = {
      'tsconfig.json': `
        {
          // shared by all packages
          "extends": "@acme/tsconfig/base.json",
          "compilerOptions": { /* "paths": {} */ "paths": { "#db/*": ["./src/database/*"], }, },
        }
      `,
      'src/database/open.ts': '',
    };
    expect(resolved(files, 'src/main.ts', '#db/open')).toBe('src/database/open.ts');
  });

  test('in jsconfig.json, where a tsconfig does not say', () => {
    const files = {
      'jsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./lib/*"] } } }',
      'lib/db.js': '',
    };
    expect(resolved(files, 'lib/main.js', '@/db')).toBe('lib/db.js');
  });
});

describe('packages of a workspace', () => {
  const library = {
    'packages/db/package.json': '{ "name": "@shop/db", "main": "dist/index.js" }',
    'packages/db/src/index.ts': '',
    'packages/db/src/open.ts': '',
    'apps/web/package.json': '{ "name": "web" }',
    'apps/web/main.ts': '',
  };

  test.each([
    ['npm', { 'package.json': '{ "workspaces": ["packages/*", "apps/*"] }' }],
    ['Yarn', { 'package.json': '{ "workspaces": { "packages": ["packages/*"] } }' }],
    ['pnpm', { 'pnpm-workspace.yaml': 'packages:\n  - "packages/*" # libraries\n  - apps/*\n' }],
    ['alternatives', { 'package.json': '{ "workspaces": ["{packages,apps}/*"] }' }],
    ['any depth', { 'package.json': '{ "workspaces": ["**"] }' }],
  ])('of %s, before they are built', (_, root) => {
    expect(resolved({ ...root, ...library }, 'apps/web/main.ts', '@shop/db')).toBe('packages/db/src/index.ts');
  });

  test('a file of a package', () => {
    const files = { 'package.json': '{ "workspaces": ["packages/*"] }', ...library };
    expect(resolved(files, 'apps/web/main.ts', '@shop/db/open')).toBe('packages/db/src/open.ts');
  });

  test('the exports of a package that name its sources', () => {
    const files = {
      'package.json': '{ "workspaces": ["packages/*"] }',
      'packages/db/package.json': '{ "name": "db", "exports": { ".": { "source": "./lib/main.ts" } } }',
      'packages/db/lib/main.ts': '',
    };
    expect(resolved(files, 'apps/web/main.ts', 'db')).toBe('packages/db/lib/main.ts');
  });

  test('a package that a pattern excludes', () => {
    const files = { 'package.json': '{ "workspaces": ["**", "!packages/db"] }', ...library };
    expect(resolved(files, 'apps/web/main.ts', '@shop/db')).toBeNull();
  });

  test('a package that no pattern names', () => {
    const files = { 'package.json': '{ "workspaces": ["apps/*", "!packages/*"] }', ...library };
    expect(resolved(files, 'apps/web/main.ts', '@shop/db')).toBeNull();
  });
});

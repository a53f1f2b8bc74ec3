import { describe, expect, test } from 'vitest';
import { transactionLeaksOf } from './program.ts';
import { ProjectFolder } from '../project-folder.ts';

const DATABASE = `
  import Database from 'better-sqlite3';
  export const db = new Database('app.db');
  export function createDb() { const own = new Database('app.db'); return own; }
  export async function openDb() { return new Database('app.db'); }
  export class Store { readonly db = new Database('app.db'); }
  export interface Context { readonly db: Database.Database; readonly name: string }
  export interface Wider extends Context { readonly flag: boolean }
  export interface Holder<T> { readonly value: T; readonly other: string }
  export type Handle = Database.Database;
  export type Boxed<T> = { readonly value: T };
  export type Maybe<T> = T | null;
  export type Handler<C> = (context: C) => void;
`;
const IMPORTS = `import { db, createDb, openDb, Store } from './database';
  import type { Boxed, Context, Handle, Handler, Holder, Maybe, Wider } from './database';
  import type * as all from './database';`.replace(/\n\s*/g, ' ');

/** Transactions that a function leaves open, given a parameter; it begins them in line 3. */
function leftOpen(parameter: string, handle: string): string[] {
  const folder = new ProjectFolder({
    'package.json': '{}',
    'database.ts': DATABASE,
    'save.ts': `${IMPORTS}
      export function save(${parameter}, flag: boolean) {
        ${handle}.exec('BEGIN');
        if (flag) return;
        ${handle}.exec('COMMIT');
      }`,
  });
  return transactionLeaksOf(folder.text('save.ts'), folder.file('save.ts'));
}

describe('a parameter whose type another module declares', () => {
  test.each([
    ['an alias', 'db: Handle', 'db'],
    ['a member of an interface', 'context: Context', 'context.db'],
    ['an inherited member', 'context: Wider', 'context.db'],
    ['a destructured member', '{ db }: Context', 'db'],
    ['a destructured member under another name', '{ db: own }: Wider', 'own'],
    ['a nested pattern', '{ context: { db } }: { context: Context }', 'db'],
    ['an intersection', 'context: Context & { more: number }', 'context.db'],
    ['a namespace', 'context: all.Context', 'context.db'],
    ['the type of a value', 'own: typeof db', 'own'],
    ['the result of a function', 'own: ReturnType<typeof createDb>', 'own'],
    ['the result of an asynchronous function', 'own: Awaited<ReturnType<typeof openDb>>', 'own'],
    ['a class', 'store: Store', 'store.db'],
    ['an instance type', 'store: InstanceType<typeof Store>', 'store.db'],
    ['an indexed type', `own: Context['db']`, 'own'],
    ['a part of a type', `context: Pick<Context, 'db'>`, 'context.db'],
    ['a generic interface', 'holder: Holder<Handle>', 'holder.value'],
    ['a generic alias', 'boxed: Boxed<Handle>', 'boxed.value'],
    ['a generic alias of a union', 'own: Maybe<Handle>', 'own!'],
    ['a generic of a generic', 'boxed: Boxed<Boxed<Handle>>', 'boxed.value.value'],
    ['an import type', `own: import('./database').Handle`, 'own'],
  ])('%s', (_, parameter, handle) => {
    expect(leftOpen(parameter, handle)).toEqual(['3: normal 4']);
  });

  test.each([
    ['another member', 'context: Context', 'context.name'],
    ['a part of a type without the member', `context: Omit<Context, 'db'>`, 'context.db'],
    ['a generic of something else', 'holder: Holder<string>', 'holder.value'],
    ['another member of a generic', 'holder: Holder<Handle>', 'holder.other'],
    ['a type that is not there', 'own: all.Missing', 'own'],
  ])('%s is no connection', (_, parameter, handle) => {
    expect(leftOpen(parameter, handle)).toEqual([]);
  });
});

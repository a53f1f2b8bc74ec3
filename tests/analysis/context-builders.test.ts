import { describe, expect, test } from 'vitest';
import { factsOf, transactionLeaksOf } from './program.ts';
import { ProjectFolder } from '../project-folder.ts';

const DATABASE = `
  import Database from 'better-sqlite3';
  import { drizzle } from 'drizzle-orm/better-sqlite3';
  export const db = drizzle(new Database('app.db'));
`;

const trpc = (context: string, begin = 'initTRPC.context<Context>().create()'): string => `
  import { initTRPC } from '@trpc/server';
  import type { db } from './database';
  export interface Context { user: string | null; ${context} }
  const t = ${begin};
  export const router = t.router;
  export const procedure = t.procedure;
  export const authed = t.procedure.use((options) => options.next({ ctx: { user: 'me' } }));
  export const scoped = (scope: string) => authed.meta({ scope }).use((options) => options.next());
`;

/** Number of asynchronous callbacks that a transaction in a router would not wait for. */
function cutShort(routes: string, builder = trpc('db: typeof db;')): number {
  const folder = new ProjectFolder({
    'package.json': '{}',
    'database.ts': DATABASE,
    'trpc.ts': builder,
    'routes.ts': `import { authed, procedure, router, scoped } from './trpc';
      ${routes}`,
  });
  return factsOf(folder.text('routes.ts'), folder.file('routes.ts'))?.asyncCallbacks.length ?? 0;
}

const save = (parameter: string, handle: string): string =>
  `async (${parameter}) => { await ${handle}.transaction(async (tx) => { await tx.run('x'); }); }`;

describe('a resolver of tRPC', () => {
  test.each([
    ['by a name', `export const save = procedure.mutation(${save('options', 'options.ctx.db')});`],
    ['destructured', `export const save = procedure.mutation(${save('{ ctx }', 'ctx.db')});`],
    ['destructured twice', `export const save = procedure.mutation(${save('{ ctx: { db } }', 'db')});`],
    ['behind an input', `export const save = procedure.input({}).output({}).mutation(${save('{ ctx }', 'ctx.db')});`],
    ['in a router', `export const all = router({ save: procedure.query(${save('{ ctx }', 'ctx.db')}) });`],
    ['behind a middleware', `export const save = authed.mutation(${save('{ ctx }', 'ctx.db')});`],
    ['of a procedure that a function makes', `export const save = scoped('a').mutation(${save('{ ctx }', 'ctx.db')});`],
    ['of a name', `const save = ${save('{ ctx }', 'ctx.db')}; export const all = router({ s: authed.query(save) });`],
    ['as a middleware', `export const logged = procedure.use(${save('{ ctx }', 'ctx.db')});`],
  ])('is given the context: %s', (_, routes) => {
    expect(cutShort(routes)).toBe(1);
  });

  test.each([
    ['another member', `export const save = procedure.mutation(${save('{ ctx }', 'ctx.user')});`],
    ['something beside the context', `export const save = procedure.mutation(${save('{ input }', 'input.db')});`],
    ['a method that takes no resolver', `export const save = procedure.input(${save('{ ctx }', 'ctx.db')});`],
    [
      'a synchronous callback',
      `export const save = procedure.query(({ ctx }) => ctx.db.transaction((tx) => tx.run()));`,
    ],
  ])('%s is fine', (_, routes) => {
    expect(cutShort(routes)).toBe(0);
  });

  const route = `export const save = procedure.mutation(${save('{ ctx }', 'ctx.db')});`;

  test('has the context that the builder begins with', () => {
    expect(cutShort(route, trpc('db: typeof db;', 'initTRPC.meta<{ a: 1 }>().context<Context>().create()'))).toBe(1);
    expect(cutShort(route, trpc('db: typeof db;', 'initTRPC.create()'))).toBe(0);
    expect(cutShort(route, trpc('other: typeof db;'))).toBe(0);
    expect(cutShort(route, trpc('db: typeof db;').replace('@trpc/server', 'elsewhere'))).toBe(0);
  });

  test('borrows the handle', () => {
    const begun = (end: string): string[] =>
      transactionLeaksOf(`
        import { initTRPC } from '@trpc/server';
        import type Database from 'better-sqlite3';
        const t = initTRPC.context<{ db: Database.Database }>().create();
        export const save = t.procedure.mutation(({ ctx, input }) => {
          ctx.db.exec('BEGIN');
          ${end}
          ctx.db.exec('COMMIT');
        });
      `);
    expect(begun('if (input) return;')).toEqual(['5: normal 6']);
    expect(begun('')).toEqual([]);
  });
});

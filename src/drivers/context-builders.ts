/**
 * A builder of functions that are all given the same kind of object, whose type the code names once where it begins. Data
 * only, like a driver.
 */
export interface ContextBuilder {
  readonly modules: readonly string[];
  /**
   * Paths of the calls that begin one by a type argument; the name of the property that has this type in what the
   * functions are given, or null where the type is that of all of it.
   */
  readonly begins: Readonly<Record<string, string | null>>;
  /** Methods that take such a function as their first argument. All others, and properties, give a builder again. */
  readonly methods: readonly string[];
}

/** tRPC 10 and 11: `initTRPC.context<Context>()` (trpc.io, "Context" and "Middlewares"). */
const trpc: ContextBuilder = {
  modules: ['@trpc/server'],
  begins: { 'initTRPC.context': 'ctx', 'initTRPC.meta.().context': 'ctx', experimental_trpcMiddleware: null },
  methods: ['query', 'mutation', 'subscription', 'use', 'middleware', 'create'],
};

export const CONTEXT_BUILDERS: readonly ContextBuilder[] = [trpc];

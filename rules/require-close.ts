import { lineOf } from '../src/places.ts';
import { closing, type Wanted } from '../src/rewrites/close.ts';
import { wrapperFor } from '../src/rewrites/wrapper.ts';
import { createRule } from '../src/rule.ts';

interface Options {
  /** Report connections that stay open only when a call in between fails. */
  readonly implicitThrows: boolean;
  /** How a rewrite closes. */
  readonly style: Wanted['style'];
}

export default createRule<Options>({
  name: 'require-close',
  description: 'Require connections that a function opens to be closed on every path',
  presets: ['recommended', 'strict'],
  rewrites: ['closeInFinally', 'declareUsing', 'runWithConnection', 'closeOnError', 'closeBeforeLeaving'],
  messages: {
    normal:
      'This connection{{transaction}} is not closed on the way out at {{line}}: its locks and file handles stay until the process ends. Close it in a `finally` block, or return it to a caller that does.',
    explicit:
      'This connection{{transaction}} stays open when {{line}} throws: its locks and file handles stay until the process ends. Close it in a `finally` block.',
    implicit:
      'This connection{{transaction}} stays open when the call at {{line}} fails, as any database call does with SQLITE_BUSY. Close it in a `finally` block.',
  },
  options: {
    implicitThrows: {
      type: 'boolean',
      description: 'Whether to report connections that stay open only when a call in between fails.',
    },
    style: {
      enum: ['finally', 'using', 'wrapper'],
      description:
        'How a rewrite closes: in a `finally` block, by `using`, or by running the code in `withConnection` of the wrapper.',
    },
  },
  defaults: { implicitThrows: true, style: 'finally' },
  report(facts, report, { implicitThrows, style }, context) {
    for (const leak of facts.leaks) {
      const exit = ['normal', 'explicit', 'implicit']
        .map((kind) => leak.exits.find((item) => item.kind === kind))
        .find(Boolean);
      if (!exit || (exit.kind === 'implicit' && !implicitThrows)) continue;
      const transaction = exit.transaction
        ? `, with the transaction begun at ${lineOf(exit.transaction, leak.site)},`
        : '';
      report(
        leak.site,
        exit.kind,
        { line: lineOf(exit.site, leak.site), transaction, driver: leak.driver.id },
        (source) =>
          closing(source, leak, {
            style,
            open: facts.opens.find(({ site }) => site.node === leak.site.node) ?? null,
            wrapper: wrapperFor(context, leak.driver),
          }),
      );
    }
  },
});

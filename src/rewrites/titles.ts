/** What each rewrite does, as an editor shows it in its list of quick fixes. */
export const TITLES = {
  beginImmediate: 'Begin the transaction with `BEGIN IMMEDIATE`.',
  callImmediate: 'Call the transaction function as `{{call}}`.',
  passImmediate: 'Begin the transaction immediately: pass `{{option}}`.',
  setPragmas: 'Set the PRAGMAs right after opening it.',
  setPoolOptions: 'Set `{{option}}` among its options.',
  openSafely: 'Open it with `{{name}}` of {{module}}.',
  closeInFinally: 'Close it in a `finally` block.',
  closeOnError: 'Close it when something throws before it is handed over.',
  closeBeforeLeaving: 'Close it before leaving here.',
  runWithConnection: 'Run it in `{{name}}` of {{module}}, which closes it.',
  runInTransaction: 'Run it in `{{name}}` of {{module}}.',
  declareUsing: 'Declare it with `{{keyword}}`, which closes it.',
  rollBack: 'Roll it back when something throws.',
  rollBackBeforeLeaving: 'Roll it back before leaving here.',
  commitInTry: 'Commit at the end of the work, and roll back when something throws.',
  closeTransaction: 'Close it in a `finally` block, which rolls back what is not committed.',
  makeSynchronous: 'Make the function synchronous: its statements need no `await`.',
  moveWorkOut: 'Make the function synchronous, and await the other work outside of the transaction.',
  awaitInOrder: 'Await the statements one by one, without `{{method}}`.',
  waitBefore: 'Wait before {{begin}}.',
  waitBehind: 'Wait once {{end}}.',
  splitTransaction:
    'Commit before waiting and begin again behind it: two transactions instead of one, between which others can write.',
  splitConnection: 'Close before waiting, and open again behind it.',
  readAllFirst: 'Read all rows first, by `{{call}}`.',
  renameOption: 'Write the option as `{{name}}`.',
  renamePragma: 'Write the PRAGMA as `{{name}}`.',
  replaceValue: 'Write the value as `{{value}}`.',
} as const;

export type Title = keyof typeof TITLES;

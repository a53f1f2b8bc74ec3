/** Why a place is left alone: docs/reasons.md says of each what it means and what to do by hand. */
export const REASONS = {
  'sql-elsewhere': 'The text of the statement is written in another place, or is put together.',
  'called-elsewhere': 'The function is not called where it is made, and its other uses are not all calls.',
  'argument-given': 'The argument that says how it begins is there already, in a form that is not read.',
  savepoint: 'An outermost SAVEPOINT has no immediate form: it needs a transaction around it.',
  'no-immediate-form': 'The library has no way to begin this transaction immediately.',
  'no-such-option':
    'Neither the driver nor the wrapper has anything that does what the option says, or the call cannot be rewritten.',
  'opposite-option': 'The option that there is says the opposite, so that its value changes as well.',
  'several-values': 'Several values are possible, and nothing tells which one is meant.',
  'no-wrapper': 'The wrapper that the settings name is for another driver.',
  'by-a-library': 'Another library opens the connection or begins the transaction, or a function of the project does.',
  'asynchronous-form': 'The wrapper opens connections of this driver asynchronously, which changes the code around it.',
  'opened-twice': 'Another call could open it as well while this one waits for it to be opened.',
  'no-file-name': 'The file is not named in the call.',
  'loaded-lazily': 'The driver is loaded only when it is needed, and the wrapper would load it with the file.',
  'options-elsewhere': 'The options are written in another place, or are put together.',
  'options-of-the-driver':
    'Options that only the driver knows stand apart from each other, or choose another driver below.',
  'comment-inside': 'A comment stands where text has to be replaced.',
  'no-idiom': 'A client of this driver has connections of its own, so that a PRAGMA does not reach them all.',
  'no-statement':
    'The connection is not given a name by a statement of its own, so that nothing can be said of it there.',
  'not-awaited': 'The connection is not awaited where it is opened, so that it is not there yet.',
  'set-elsewhere': 'The value is set in another place, which would overwrite what is set here.',
  'assigned-again': 'The variable gets several values, so that it does not tell which connection is to be closed.',
  'end-elsewhere': 'The transaction does not end among the statements behind its beginning.',
  'await-inside': 'Other work is awaited between statements of the database, or decides what they do.',
  'promise-used': 'Something uses the promise that the asynchronous function makes.',
  'function-elsewhere': 'The function is written in another place, or is used there as well.',
  'waits-in-between':
    'What waits is part of a loop, a branch or a larger expression, or works with the database itself.',
  'leaves-the-function':
    'The code is left by `break`, `continue`, `yield` or `return` in a way that a function of its own cannot have.',
  'values-outside': 'The code gives values to variables that are used behind it.',
  'used-outside': 'The connection is used by code outside of the statements behind its opening.',
  'within-an-object':
    'What is got there is not the connection but an object that has it, with no method that was seen to do this.',
  'handed-over': 'The connection belongs to somebody else on some ways, who closes it.',
  conditional: 'The connection is opened only where none is given, and nothing tells when to close it.',
  'closed-twice': 'It is closed on some ways, and the driver fails when a closed connection is closed again.',
  'not-asynchronous': 'The connection is closed asynchronously, in a function that cannot wait for it.',
  'statements-open': 'It has prepared statements, and the driver does not close before they are finalized.',
  'used-by-callbacks': 'Callbacks use the connection later, when the statements behind it have run.',
  'not-disposable': 'The driver has no `Symbol.dispose`, so that `using` does not close its connections.',
  failed: 'The rewrite could not be made, because of a defect of this plugin.',
  'not-in-source': 'The place is not in the text as it stands.',
} as const;

export type Reason = keyof typeof REASONS;

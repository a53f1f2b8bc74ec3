import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { styleText } from 'node:util';
import { describe } from '../project/lint.ts';
import { applyEdits } from '../plan/edits.ts';
import { meaningOf } from '../reasons.ts';
import { CodemodError, EXIT } from '../exit-codes.ts';
import { colouredDiff, unifiedDiff } from './diff.ts';
import type { Answer, Ask } from '../plan/policy.ts';
import type { Readable, Writable } from 'node:stream';

const QUESTION = 'Make this change? [y]es, [n]o, [a]ll, [q]uit, [e]dit, [w]hy ';

/**
 * Shows each change and asks for it. `all` says yes to the rest, `quit` no to the rest; `edit` opens the changed file in
 * `$EDITOR` and takes what comes back; `why` says what the rule found and what the change does.
 */
export function askOnTerminal(input: Readable, output: Writable): { readonly ask: Ask; close(): void } {
  const lines = new Lines(input, output);
  let rest: 'yes' | 'no' | null = null;
  const ask: Ask = async (rewrite, finding, file): Promise<Answer> => {
    if (rest !== null) return rest;
    const after = applyEdits(file.text, rewrite.edits);
    output.write(`\n${styleText('bold', `${file.path}:${finding.place.line}`)} ${finding.rule}\n`);
    output.write(`${describe(rewrite)}${rewrite.safe ? '' : ' It changes more than the hazard.'}\n\n`);
    output.write(`${colouredDiff(unifiedDiff(file.path, file.text, after))}\n`);
    for (;;) {
      switch ((await lines.ask(QUESTION)).toLowerCase()[0]) {
        case 'y':
          return 'yes';
        case 'n':
          return 'no';
        case 'a':
          return (rest = 'yes');
        case 'q':
        case undefined:
          return (rest = 'no');
        case 'e':
          return { text: edited(after, extname(file.path)) };
        case 'w':
          output.write(`${finding.message}\n${rewrite.safe ? '' : `${meaningOf('needs-decision')}\n`}`);
      }
    }
  };
  return { ask, close: () => lines.close() };
}

/** Asks for one line after the other; nothing comes where the input has ended. */
class Lines {
  readonly #reader: Interface;
  readonly #output: Writable;
  readonly #lines: AsyncIterator<string, undefined>;

  constructor(input: Readable, output: Writable) {
    this.#output = output;
    // One for all questions: it may have read more than a line already.
    this.#reader = createInterface({ input });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async ask(question: string): Promise<string> {
    this.#output.write(question);
    const next: IteratorResult<string, undefined> = await this.#lines.next();
    return next.value ?? '';
  }

  close(): void {
    this.#reader.close();
  }
}

/** What somebody makes of a text in the editor. */
function edited(text: string, extension: string): string {
  const editor = process.env.VISUAL ?? process.env.EDITOR;
  if (editor === undefined)
    throw new CodemodError(EXIT.usage, 'No editor is known: set EDITOR, for example EDITOR="code --wait".');
  const folder = mkdtempSync(join(tmpdir(), 'unbusy-edit-'));
  const file = join(folder, `edit${extension}`);
  try {
    writeFileSync(file, text);
    // Editors are named with their options, as a shell reads them.
    const { status } = spawnSync(`${editor} "${file}"`, { stdio: 'inherit', shell: true });
    return status === 0 ? readFileSync(file, 'utf8') : text;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { toolVersion } from './commands/examine.ts';
import { migrate } from './commands/migrate.ts';
import { CodemodError, EXIT, type ExitCode } from './exit-codes.ts';
import { withMigrateOptions, type MigrateOptions } from './options.ts';

const HELP = `
Without --write nothing is changed: a unified diff and a summary are shown.

Examples:
  $ unbusy-codemod src                         what would change
  $ unbusy-codemod src --write                 change what is safe to change
  $ unbusy-codemod src --write --suggestions --verify "npm test"
  $ unbusy-codemod src --interactive --write   decide one by one

Exit codes: 0 done, 1 --fail-on found something, 2 wrong usage, 3 git guard, 4 --verify failed, 5 not written`;

const program = new Command('unbusy-codemod')
  .description('Rewrites the code that makes SQLite say "database is locked" to the safe wrapper `unbusy`.')
  .version(toolVersion())
  .exitOverride()
  .showSuggestionAfterError()
  .addHelpText('after', HELP);

withMigrateOptions(program).action(async (paths: string[], options: MigrateOptions) => {
  await end(migrate(process.cwd(), paths.length > 0 ? paths : ['.'], options, streams()));
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // What is wrong has been said; help and version are asked for.
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}

function streams(): { input: NodeJS.ReadStream; output: NodeJS.WriteStream; errors: NodeJS.WriteStream } {
  return { input: process.stdin, output: process.stdout, errors: process.stderr };
}

/** Ends the process as a command ends. */
async function end(command: Promise<ExitCode>): Promise<void> {
  try {
    process.exitCode = await command;
  } catch (error) {
    if (error instanceof CodemodError) {
      process.stderr.write(`unbusy-codemod: ${error.message}\n`);
      process.exitCode = error.exitCode;
      return;
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `unbusy-codemod: this is a defect of the codemod, please report it at https://github.com/unbusy/unbusy/issues\n${text}\n`,
    );
    process.exitCode = EXIT.internal;
  }
}

#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import { toolVersion } from './commands/examine.ts';
import { init, WRAPPED, type InitOptions } from './commands/init.ts';
import { merge, report } from './commands/report.ts';
import { migrate } from './commands/migrate.ts';
import { CodemodError, EXIT, type ExitCode } from './exit-codes.ts';
import {
  withConcludeOptions,
  withExamineOptions,
  withMigrateOptions,
  type ConcludeOptions,
  type ExamineOptions,
  type MigrateOptions,
} from './options.ts';

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
  // Commands have options of the same names.
  .enablePositionalOptions()
  .showSuggestionAfterError()
  .addHelpText('after', HELP);

withMigrateOptions(program).action(async (paths: string[], options: MigrateOptions) => {
  await end(() => migrate(process.cwd(), orHere(paths), options, streams()));
});

withExamineOptions(
  program.command('report').description('Writes the analysis of a project, and changes nothing.'),
).action(async (paths: string[], options: ExamineOptions) => {
  await end(() => report(process.cwd(), orHere(paths), options, streams()));
});

program
  .command('init')
  .description("Scaffolds the project's own wrapper module, and makes the ESLint config point to it.")
  .addOption(new Option('--driver <id>', 'whose connections it hands out').choices(WRAPPED).default(null))
  .option('--file <path>', 'where it goes', (path) => path, null)
  .option('--write', 'write it; otherwise it is only shown', false)
  .action(async (options: InitOptions) => {
    await end(() => init(process.cwd(), options, streams()));
  });

withConcludeOptions(
  program
    .command('merge')
    .description('Puts the reports of all parts (--shard, --report FILE.json) together.')
    .argument('<files...>', 'the reports'),
).action(async (files: string[], options: ConcludeOptions) => {
  await end(() => merge(process.cwd(), files, options, streams()));
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // What is wrong has been said; help and version are asked for.
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}

function orHere(paths: readonly string[]): readonly string[] {
  return paths.length > 0 ? paths : ['.'];
}

function streams(): { input: NodeJS.ReadStream; output: NodeJS.WriteStream; errors: NodeJS.WriteStream } {
  return { input: process.stdin, output: process.stdout, errors: process.stderr };
}

/** Ends the process as a command ends. */
async function end(command: () => Promise<ExitCode> | ExitCode): Promise<void> {
  try {
    process.exitCode = await command();
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

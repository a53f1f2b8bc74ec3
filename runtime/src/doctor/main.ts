#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { OptionError } from '../errors.ts';
import { look, readCommand, resultOf, USAGE, type Command } from './command.ts';

const colours = process.stdout.isTTY && process.env.NO_COLOR === undefined;

try {
  const command = readCommand(process.argv.slice(2));
  if (command === 'help') process.stdout.write(USAGE);
  else if (command === 'version') process.stdout.write(`${version()}\n`);
  else if (command.watch === undefined) tell(command);
  else await watch(command, command.watch);
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  process.stderr.write(`${error.message}\nSee unbusy --help.\n`);
  process.exitCode = 2;
}

function tell(command: Command): void {
  const { text, code } = resultOf(command, look(command), colours);
  process.stdout.write(text);
  process.exitCode = code;
}

async function watch(command: Command, interval: number): Promise<never> {
  for (;;) {
    if (!command.json) process.stdout.write(`${new Date().toISOString()}\n`);
    tell(command);
    await setTimeout(interval);
  }
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Preset, Report } from './lint.ts';

const CASES = fileURLToPath(new URL('cases', import.meta.url));
const MAIN = /^main\.(?:ts|js|cjs|mjs)$/;
const SOURCE = /\.[cm]?[jt]s$/;
const HEADER = /^\/\/ case (?<id>\S+) \| config: (?<preset>recommended|strict) \| (?<situation>\S.*)$/;
const MARK = /\/\/ expect: (?<rules>[a-z-]+(?:, [a-z-]+)*)$/;

/** A small project with the reports that the rules have to make on it. */
export interface Case {
  readonly id: string;
  readonly folder: string;
  readonly preset: Preset;
  readonly situation: string;
  /** Names of its files, the program first. */
  readonly files: readonly string[];
  readonly expected: readonly Report[];
}

export function readCases(): Case[] {
  return readdirSync(CASES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => readCase(entry.name));
}

/** Ids of cases that come out wrong, each with the reason. */
export function readKnownWrong(): Map<string, string> {
  const known = JSON.parse(readFileSync(join(CASES, 'known-wrong.json'), 'utf8')) as Record<string, string>;
  return new Map(Object.entries(known));
}

function readCase(name: string): Case {
  const folder = join(CASES, name);
  const files = readdirSync(folder).filter((file) => SOURCE.test(file));
  const main = files.find((file) => MAIN.test(file));
  if (main === undefined) throw new Error(`case ${name} has no main file`);
  const header = HEADER.exec(linesOf(folder, main)[0] ?? '')?.groups;
  if (header?.id !== name) throw new Error(`case ${name}: the first line of ${main} is no header of this case`);
  return {
    id: name,
    folder,
    preset: header.preset === 'strict' ? 'strict' : 'recommended',
    situation: header.situation ?? '',
    files: [main, ...files.filter((file) => file !== main)],
    expected: files.flatMap((file) => marksOf(folder, file)),
  };
}

function marksOf(folder: string, file: string): Report[] {
  return linesOf(folder, file).flatMap((text, index) => {
    const rules = MARK.exec(text)?.groups?.rules;
    if (rules === undefined) {
      if (text.includes('expect:')) throw new Error(`${folder}: malformed mark in line ${index + 1} of ${file}`);
      return [];
    }
    return rules.split(', ').map((rule) => ({ file, line: index + 1, rule }));
  });
}

function linesOf(folder: string, file: string): string[] {
  return readFileSync(join(folder, file), 'utf8').split(/\r?\n/);
}

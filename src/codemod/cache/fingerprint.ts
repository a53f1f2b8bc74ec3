import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { scanSource } from '../../analysis/modules/scan.ts';
import { Catalogue } from '../../drivers/catalogue.ts';
import { analysisSettings } from '../../settings.ts';
import { withSlashes } from '../files/slashes.ts';
import { connectedSources } from './connected.ts';
import type { Configuration } from '../project/configuration.ts';
import type { SourceText } from '../plan/plan.ts';

/** Of the project and its folders: how modules are found and types are checked. */
const PROJECT_FILES = '**/{package.json,tsconfig*.json,jsconfig*.json,pnpm-workspace.yaml}';
/** Of the packages that are installed, as far as types go. */
const INSTALLED = [
  ...['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'node_modules/.package-lock.json'],
  'node_modules/unbusy/package.json',
];
const TOOLS = ['eslint', 'typescript', '@typescript-eslint/parser', 'ts-morph', 'oxc-parser', 'oxc-resolver'];

/** What a run is made with, besides the files. */
export interface Means {
  readonly root: string;
  readonly version: string;
  /** Options that decide what is found and what is made of it. */
  readonly options: unknown;
  readonly configure: (absolute: string) => Promise<Configuration>;
}

/** Tells whether a run would find the same again: all that it rests on, as one text. */
export async function fingerprintOf(targets: readonly SourceText[], means: Means): Promise<string> {
  const { root, version, options, configure } = means;
  const hash = createHash('sha256');
  const add = (...parts: readonly string[]): void => {
    for (const part of parts) hash.update(`${part.length}:${part}\n`);
  };
  add(version, process.versions.node.split('.')[0] ?? '', JSON.stringify(options));
  for (const tool of TOOLS) add(tool, versionOf(tool));
  const named = new Set<string>();
  const configurations = new Map<string, string>();
  const catalogues = new Map<string, Catalogue>();
  for (const { absolute, text } of targets) {
    const configuration = await configure(absolute);
    const settings = analysisSettings({ settings: configuration.settings ?? {}, cwd: root });
    const key = JSON.stringify(settings);
    const catalogue = catalogues.get(key) ?? new Catalogue(settings);
    catalogues.set(key, catalogue);
    if (scanSource(text, catalogue).namesDatabase) named.add(absolute);
    configurations.set(absolute, described(configuration));
  }
  const targeted = new Set(targets.map(({ absolute }) => absolute));
  for (const [path, text] of connectedSources(root, new Catalogue(), named)) {
    add(pathFrom(root, path), text, targeted.has(path) ? 'target' : '', configurations.get(path) ?? '');
  }
  const others = globSync(PROJECT_FILES, { cwd: root, absolute: true, ignore: ['**/node_modules/**'], dot: true });
  for (const path of [
    ...others.map((other) => resolve(other)).toSorted(),
    ...INSTALLED.map((name) => join(root, name)),
  ])
    add(pathFrom(root, path), textOf(path) ?? '');
  return hash.digest('hex');
}

function described({ rules, settings, languageOptions: { parser, ...language }, drivers }: Configuration): string {
  const { meta } = (parser ?? {}) as { readonly meta?: object };
  return JSON.stringify([[...rules], settings, meta, language, drivers && [...drivers]]);
}

function pathFrom(root: string, path: string): string {
  return withSlashes(relative(root, path));
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Empty where it is not installed. */
function versionOf(name: string): string {
  try {
    return (createRequire(import.meta.url)(`${name}/package.json`) as { readonly version: string }).version;
  } catch {
    return '';
  }
}

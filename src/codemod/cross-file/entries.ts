import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { ts } from 'ts-morph';
import { withSlashes } from '../files/slashes.ts';
import { Stop } from './boundary.ts';
import { isMember } from './symbols.ts';
import type { Slice } from '../project/slice.ts';

interface Manifest {
  readonly name?: string;
  readonly private?: boolean;
  readonly workspaces?: unknown;
  readonly main?: string;
  readonly module?: string;
  readonly browser?: unknown;
  readonly types?: string;
  readonly exports?: unknown;
}

/** Throws `Stop` where others than the project can call one of the functions: a package gives it away. */
export function checkEntries(carriers: ReadonlySet<ts.Node>, slice: Slice): void {
  const owners = new Set([...carriers].map(ownerOf));
  const files = new Set([...carriers].map((carrier) => carrier.getSourceFile()));
  const reaching = new Set([...files, ...filesBehind([...files], slice)]);
  const checker = slice.program.getTypeChecker();
  for (const source of reaching) {
    if (!isEntry(source.fileName)) continue;
    const module = checker.getSymbolAtLocation(source);
    for (const symbol of module ? exportsOf(module, source, checker) : [])
      for (const declaration of symbol.declarations ?? [])
        if (owners.has(declaration) || carriers.has(declaration))
          throw new Stop(declaration, 'The package gives it to others, who do not wait for it.');
  }
}

/** The declaration by whose name a function can be reached from outside of its file. */
function ownerOf(carrier: ts.Node): ts.Node {
  if (!isMember(carrier)) return carrier;
  const isPrivate = ts.canHaveModifiers(carrier)
    ? ts.getModifiers(carrier)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
    : false;
  if (isPrivate === true || ts.isPrivateIdentifier(carrier.name)) return carrier;
  const owner = carrier.parent;
  return ts.isObjectLiteralExpression(owner)
    ? (ts.findAncestor(owner, (node) => ts.isVariableDeclaration(node) || ts.isBinaryExpression(node)) ?? carrier)
    : owner;
}

function exportsOf(module: ts.Symbol, source: ts.SourceFile, checker: ts.TypeChecker): readonly ts.Symbol[] {
  const exported = checker.getExportsOfModule(module);
  const whole = module.exports?.get('export=' as ts.__String);
  const members = whole ? checker.getTypeOfSymbolAtLocation(whole, source).getProperties() : [];
  return [...exported, ...members, ...(whole ? [whole] : [])].map((symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  );
}

/** All files that import some, directly or not. */
function filesBehind(files: readonly ts.SourceFile[], slice: Slice): readonly ts.SourceFile[] {
  const found = new Set(files.map(({ fileName }) => fileName));
  for (const file of found) for (const importer of slice.importersOf([file])) found.add(importer);
  return [...found].flatMap((file) => slice.program.getSourceFile(file) ?? []);
}

/** Whether a file is what its package gives to those who install it. */
function isEntry(file: string): boolean {
  const found = manifestOf(file);
  if (!found) return false;
  const { manifest, folder } = found;
  if (manifest.private === true && !isInWorkspace(folder)) return false;
  const { exports = [], main, module, types, browser } = manifest;
  const targets = [exports, main, module, types, browser].flatMap(textsIn);
  const path = withoutExtension(withSlashes(relative(folder, file)));
  return targets.some((target) => sourcesOf(target).some((pattern) => pattern.test(path)));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What may be written for a file that a package gives away: the file itself, or what it is built from. */
function sourcesOf(target: string): readonly RegExp[] {
  const path = withoutExtension(target.replace(/^\.\//, ''));
  const inside = path.replace(/^[^/]+\//, '');
  const forms = [path, `${path}/index`, ...['', 'src/', 'lib/', 'source/'].map((folder) => folder + inside)];
  return forms.map((form) => {
    const parts = form.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`);
  });
}

function withoutExtension(path: string): string {
  return path.replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '');
}

function manifestOf(file: string): { readonly manifest: Manifest; readonly folder: string } | null {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = `${folder}/package.json`;
    if (existsSync(path)) return { manifest: read(path), folder };
    if (dirname(folder) === folder) return null;
  }
}

/** Other packages of the same repository install those that nobody else can. */
function isInWorkspace(folder: string): boolean {
  for (let outer = dirname(folder); outer !== dirname(outer); outer = dirname(outer)) {
    const path = `${outer}/package.json`;
    if (existsSync(`${outer}/pnpm-workspace.yaml`)) return true;
    if (existsSync(path) && read(path).workspaces !== undefined) return true;
  }
  return false;
}

function read(path: string): Manifest {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch {
    return {};
  }
}

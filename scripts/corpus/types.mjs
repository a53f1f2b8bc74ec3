// Type errors of a foreign file by itself.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Modules are looked up from here: the wrapper and the drivers are installed here, not beside the foreign code. */
const FROM = `${root}runtime/src/index.ts`;
const OPTIONS = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.Preserve,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  types: ['node'],
  typeRoots: [`${root}node_modules/@types`],
};

export const isTyped = (file) => /\.[cm]?tsx?$/.test(file);

/** What the programs of all files share: the libraries are read once. */
const shared = new Map();
const base = ts.createCompilerHost(OPTIONS);

/**
 * The type errors of a text, as it would be in that file. What the file imports from its project and from packages that
 * are not here has any type, and no error that was not there before.
 */
export function typeErrors(file, text) {
  const path = file.replaceAll('\\', '/');
  const host = {
    ...base,
    getSourceFile(name, options) {
      if (name === path) return ts.createSourceFile(path, text, options);
      if (!shared.has(name)) shared.set(name, base.getSourceFile(name, options));
      return shared.get(name);
    },
    fileExists: (name) => name === path || base.fileExists(name),
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text: name }) =>
        from === path && isRelative(name) ? NOWHERE : resolved(name, from === path ? FROM : from),
      ),
  };
  const program = ts.createProgram([path], OPTIONS, host);
  return program.getSemanticDiagnostics(program.getSourceFile(path)).map(({ code, messageText }) => {
    return `TS${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

/** Without the wrapper's declarations nothing could be said of the code that uses it. */
export function isWrapperBuilt() {
  return existsSync(`${root}runtime/dist/index.d.ts`);
}

const NOWHERE = { resolvedModule: undefined };
const resolutions = ts.createModuleResolutionCache(root, (name) => name, OPTIONS);

function resolved(name, from) {
  return ts.resolveModuleName(name, from, OPTIONS, base, resolutions);
}

function isRelative(name) {
  return name.startsWith('.') || name.startsWith('/');
}

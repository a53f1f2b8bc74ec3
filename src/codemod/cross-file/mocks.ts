import { basename, dirname, extname, resolve } from 'node:path';
import { ts } from 'ts-morph';
import { withSlashes } from '../files/slashes.ts';
import { placeOf } from './boundary.ts';
import type { Chain } from './chain.ts';
import type { Note } from './index.ts';
import type { Slice } from '../project/slice.ts';

/** Functions that put something else in the place of a module, by the names of what has them. */
const MODULE_MOCKS =
  /^(?:(?:vi|jest|mock|td|t|test)\.(?:mock|doMock|unstable_mockModule|setMock|module|replaceEsm|replace)|proxyquire|esmock|rewiremock)$/;

/** Functions that put something else in the place of a member. */
const MEMBER_MOCKS = /(?:^|\.)(?:stub|spyOn|spy|mock|method|replace|fake)$/;

/** Whether a file is one of tests, or stands in for another one there. */
export function isOfTests(path: string): boolean {
  return /(?:^|\/)(?:tests?|__tests__|__mocks__|specs?|e2e)\/|\.(?:test|spec)\.[cm]?[jt]sx?$/.test(path);
}

/** Places that put something else in the place of a function that changes, which has to answer with a promise now. */
export function mocksOf(chain: Chain, slice: Slice): readonly Note[] {
  const files = new Set([...chain.carriers].map((carrier) => carrier.getSourceFile().fileName));
  const names = new Set([...chain.names].filter(([, reach]) => reach === 'everywhere').map(([name]) => name));
  return slice.sources.flatMap((source) => [...standIns(source, files), ...mocksIn(source, files, names)]);
}

/** `__mocks__/database.ts` beside `database.ts` */
function standIns(source: ts.SourceFile, files: ReadonlySet<string>): readonly Note[] {
  const folder = dirname(source.fileName);
  if (basename(folder) !== '__mocks__') return [];
  const original = [...files].find((file) => dirname(file) === dirname(folder) && stem(file) === stem(source.fileName));
  return original === undefined
    ? []
    : [
        {
          path: source.fileName,
          line: 1,
          text: `It stands in for ${basename(original)}, whose functions are asynchronous now.`,
        },
      ];
}

function mocksIn(source: ts.SourceFile, files: ReadonlySet<string>, names: ReadonlySet<string>): readonly Note[] {
  const found: Note[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const callee = node.expression.getText(source);
      const [first, second] = node.arguments;
      const file = first && ts.isStringLiteralLike(first) ? fileNamed(first.text, source, files) : null;
      if (file !== null && MODULE_MOCKS.test(callee))
        found.push({
          ...placeOf(node),
          text: `It stands in for ${basename(file)}, whose functions are asynchronous now.`,
        });
      else if (second && ts.isStringLiteralLike(second) && names.has(second.text) && MEMBER_MOCKS.test(callee))
        found.push({ ...placeOf(node), text: `It stands in for \`${second.text}\`, which is asynchronous now.` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function fileNamed(specifier: string, source: ts.SourceFile, files: ReadonlySet<string>): string | null {
  if (!specifier.startsWith('.')) return null;
  const path = withSlashes(resolve(dirname(source.fileName), specifier));
  const isSame = (file: string): boolean =>
    [path, withoutExtension(path)].some(
      (form) => withoutExtension(file) === form || withoutExtension(file) === `${form}/index`,
    );
  return [...files].find(isSame) ?? null;
}

function withoutExtension(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}

function stem(file: string): string {
  return basename(file, extname(file));
}

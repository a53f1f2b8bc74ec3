import { basename, dirname, extname } from 'node:path';
import { withSlashes } from '../files/slashes.ts';
import { Stop } from './boundary.ts';
import { Chain } from './chain.ts';
import { checkEntries } from './entries.ts';
import { mocksOf } from './mocks.ts';
import { tokenAt } from './tokens.ts';
import type { Slice } from '../project/slice.ts';
import type { Tree } from '../project/tree.ts';
import type { Texts } from '../project/types.ts';
import type { Asynchronous, At, Boundary } from './index.ts';

/** See `makeAsynchronous`. `tree` has the files that the program does not have. */
export async function asynchronous(
  slice: Slice,
  tree: Tree,
  texts: Texts,
  { path, offset }: At,
): Promise<Asynchronous | Boundary> {
  try {
    slice.extend([path]);
    const source = slice.program.getSourceFile(withSlashes(path));
    if (!source) throw new Error(`${path} cannot be read`);
    const chain = new Chain(slice);
    chain.awaitAt(tokenAt(offset, source));
    for (;;) {
      chain.follow();
      const isKnown = (file: string): boolean => slice.has(file) || slice.isBuilt(file);
      const { modules, components } = await tree.mentioning(wordsOf(chain), texts, isKnown);
      const [component] = components;
      if (component !== undefined)
        return { kind: 'boundary', path: component, line: 1, why: 'It may call the function, and cannot be read.' };
      if (!slice.extend(modules)) break;
    }
    chain.checkUnknown();
    checkEntries(chain.carriers, slice);
    const notes = [...chain.notes, ...chain.uncalled, ...mocksOf(chain, slice)];
    return { kind: 'asynchronous', edits: chain.insertions.edits, functions: chain.functions.size, notes };
  } catch (error) {
    if (error instanceof Stop) return error.boundary;
    throw error;
  }
}

/** What a file has in it that names one of the functions: its name, or the module that has it. */
function wordsOf(chain: Chain): ReadonlySet<string> {
  const words = new Set([...chain.names].filter(([, reach]) => reach === 'everywhere').map(([name]) => name));
  words.delete('default');
  for (const carrier of chain.carriers) {
    const { fileName } = carrier.getSourceFile();
    const name = basename(fileName, extname(fileName));
    words.add(name === 'index' ? basename(dirname(fileName)) : name);
  }
  return words;
}

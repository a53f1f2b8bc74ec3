import { resolve } from 'node:path';
import { ts } from 'ts-morph';
import { Configs } from './tsconfig.ts';

/** The path of a TypeScript source as imports of the project have to write it, by its `tsconfig.json`. */
export function specifierOf(file: string, root: string): string {
  const { options } = new Configs(root).of(resolve(root, file));
  if (options.allowImportingTsExtensions || options.rewriteRelativeImportExtensions) return file;
  const { Node16, NodeNext } = ts.ModuleKind;
  const isNode = options.moduleResolution
    ? [ts.ModuleResolutionKind.Node16, ts.ModuleResolutionKind.NodeNext].includes(options.moduleResolution)
    : options.module !== undefined && options.module >= Node16 && options.module <= NodeNext;
  return file.replace(/\.([cm]?)tsx?$/, isNode ? '.$1js' : '');
}

import { posix } from 'node:path';

const EXTENSION = /\.[cm]?[jt]sx?$/;
const DECLARATION = /\.d\.[cm]?ts$/;

/** Whether a path is that of a source file of JavaScript or TypeScript, declarations left out. */
export function isSourcePath(path: string): boolean {
  return EXTENSION.test(path) && !DECLARATION.test(path);
}

/** Whether a source has its types, if any, in comments. */
export function isJavaScript(path: string): boolean {
  return /\.[cm]?jsx?$/.test(path);
}

/** A path or specifier as modules are named in imports: without its extension. */
export function withoutExtension(path: string): string {
  return path.replace(EXTENSION, '');
}

/** The last part of a path or specifier of any platform, without its extension. */
export function lastPart(path: string): string {
  return withoutExtension(posix.basename(path.replaceAll('\\', '/')));
}

import { readFileSync } from 'node:fs';
import type { SkippedFile } from '../model.ts';

/** A file's text without its byte order mark, which is written back. */
export interface SourceFile {
  readonly text: string;
  readonly hasByteOrderMark: boolean;
}

const MARK = '\uFEFF';

/** Reads a file as UTF-8; says why where that cannot be done. */
export function readSource(path: string): SourceFile | Omit<SkippedFile, 'path'> {
  try {
    const text = decoder.decode(readFileSync(path));
    const hasByteOrderMark = text.startsWith(MARK);
    return { text: hasByteOrderMark ? text.slice(1) : text, hasByteOrderMark };
  } catch (error) {
    if (error instanceof TypeError) return { why: 'not-text', detail: null };
    return { why: 'unreadable', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** What is written to the disk. */
export function encoded(text: string, hasByteOrderMark: boolean): string {
  return hasByteOrderMark ? MARK + text : text;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

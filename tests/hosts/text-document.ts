import type { Position, TextEdit } from 'vscode-languageserver-protocol';

/** The text of an open file, which edits of the protocol change. */
export class TextDocument {
  readonly uri: string;
  text: string;
  version = 1;

  constructor(uri: string, text: string) {
    this.uri = uri;
    this.text = text;
  }

  /** Edits are about the text before any of them, and do not overlap. */
  apply(edits: readonly TextEdit[]): void {
    const ordered = edits
      .map(({ range, newText }) => ({ start: this.#offset(range.start), end: this.#offset(range.end), newText }))
      .sort((first, second) => second.start - first.start);
    for (const { start, end, newText } of ordered)
      this.text = this.text.slice(0, start) + newText + this.text.slice(end);
    this.version += 1;
  }

  /** Characters of a position count UTF-16 units, as strings do. */
  #offset({ line, character }: Position): number {
    const lines = this.text.split('\n');
    const before = lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0);
    return Math.min(before + character, this.text.length);
  }
}

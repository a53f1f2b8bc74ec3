import type { ts } from 'ts-morph';
import type { Edit } from '../../rewrites/rewrite.ts';

interface Piece {
  readonly text: string;
  /** Of the code that it is put around, so that nested pieces are nested the right way. */
  readonly width: number;
}

/** Text that is put into files, or taken out: all of it is collected before any of it is applied. */
export class Insertions {
  readonly #replaced = new Map<string, Edit[]>();
  readonly #before = new Map<string, Map<number, Piece[]>>();
  readonly #behind = new Map<string, Map<number, Piece[]>>();

  before(node: ts.Node, text: string, at = node.getStart()): void {
    add(this.#before, node, at, text);
  }

  behind(node: ts.Node, text: string): void {
    add(this.#behind, node, node.getEnd(), text);
  }

  /** Nothing is put into what is replaced. */
  replace(node: ts.Node, text: string, range: Edit['range'] = [node.getStart(), node.getEnd()]): void {
    const { fileName } = node.getSourceFile();
    this.#replaced.set(fileName, [...(this.#replaced.get(fileName) ?? []), { range, text }]);
  }

  /** Takes a statement away, with its line where it has one to itself. */
  remove(statement: ts.Node): void {
    const { text } = statement.getSourceFile();
    const line = text.lastIndexOf('\n', statement.getStart() - 1) + 1;
    const rest = /^[ \t]*\r?\n/.exec(text.slice(statement.getEnd()))?.[0];
    const isAlone = rest !== undefined && text.slice(line, statement.getStart()).trim() === '';
    const end = statement.getEnd();
    this.replace(statement, '', isAlone ? [line, end + rest.length] : [statement.getStart(), end]);
  }

  /** One edit for each place. */
  get edits(): ReadonlyMap<string, readonly Edit[]> {
    const paths = new Set([...this.#before.keys(), ...this.#behind.keys(), ...this.#replaced.keys()]);
    return new Map([...paths].map((path) => [path, this.#editsIn(path)]));
  }

  #editsIn(path: string): readonly Edit[] {
    const before = this.#before.get(path) ?? new Map<number, Piece[]>();
    const behind = this.#behind.get(path) ?? new Map<number, Piece[]>();
    const places = [...new Set([...before.keys(), ...behind.keys()])].toSorted((first, second) => first - second);
    const inserted = places.map((at): Edit => {
      // What ends here ends before what begins here; of those the inner ones end first, and the outer ones begin first.
      const ends = (behind.get(at) ?? []).toSorted((first, second) => first.width - second.width);
      const begins = (before.get(at) ?? []).toSorted((first, second) => second.width - first.width);
      return { range: [at, at], text: [...ends, ...begins].map(({ text }) => text).join('') };
    });
    return [...inserted, ...(this.#replaced.get(path) ?? [])];
  }
}

function add(pieces: Map<string, Map<number, Piece[]>>, node: ts.Node, at: number, text: string): void {
  const path = node.getSourceFile().fileName;
  const places = pieces.get(path) ?? new Map<number, Piece[]>();
  pieces.set(path, places);
  places.set(at, [...(places.get(at) ?? []), { text, width: node.getEnd() - node.getStart() }]);
}

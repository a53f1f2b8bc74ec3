import type { ts } from 'ts-morph';
import type { Edit } from '../../rewrites/rewrite.ts';

interface Piece {
  readonly text: string;
  /** Of the code that it is put around, so that nested pieces are nested the right way. */
  readonly width: number;
}

/** Text that is put into files: all of it is collected before any of it is applied. */
export class Insertions {
  readonly #before = new Map<string, Map<number, Piece[]>>();
  readonly #behind = new Map<string, Map<number, Piece[]>>();

  before(node: ts.Node, text: string, at = node.getStart()): void {
    add(this.#before, node, at, text);
  }

  behind(node: ts.Node, text: string): void {
    add(this.#behind, node, node.getEnd(), text);
  }

  /** One edit for each place. */
  get edits(): ReadonlyMap<string, readonly Edit[]> {
    const paths = new Set([...this.#before.keys(), ...this.#behind.keys()]);
    return new Map([...paths].map((path) => [path, this.#editsIn(path)]));
  }

  #editsIn(path: string): readonly Edit[] {
    const before = this.#before.get(path) ?? new Map<number, Piece[]>();
    const behind = this.#behind.get(path) ?? new Map<number, Piece[]>();
    const places = [...new Set([...before.keys(), ...behind.keys()])].toSorted((first, second) => first - second);
    return places.map((at) => {
      // What ends here ends before what begins here; of those the inner ones end first, and the outer ones begin first.
      const ends = (behind.get(at) ?? []).toSorted((first, second) => first.width - second.width);
      const begins = (before.get(at) ?? []).toSorted((first, second) => second.width - first.width);
      return { range: [at, at], text: [...ends, ...begins].map(({ text }) => text).join('') };
    });
  }
}

function add(pieces: Map<string, Map<number, Piece[]>>, node: ts.Node, at: number, text: string): void {
  const path = node.getSourceFile().fileName;
  const places = pieces.get(path) ?? new Map<number, Piece[]>();
  pieces.set(path, places);
  places.set(at, [...(places.get(at) ?? []), { text, width: node.getEnd() - node.getStart() }]);
}

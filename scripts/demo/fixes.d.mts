/** A finding that `--fix` leaves, with what an editor would offer. */
interface Left {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly suggestions: readonly string[];
}

export interface FixedTasks {
  readonly changed: readonly { readonly file: string; readonly diff: string }[];
  readonly left: readonly Left[];
}

export function fixedTasks(folder: string): Promise<FixedTasks>;

/** Who holds a lock, as far as it can be known. */
export interface Holder {
  readonly pid: number;
  /** The holder's command line (another process), cut to 200 characters. */
  readonly command?: string | undefined;
  /** The label that the holder gave to its transaction (this process). */
  readonly label?: string | undefined;
  /** How long it has held the lock, in milliseconds (this process). */
  readonly heldFor?: number | undefined;
  /** Where it took the lock (this process, while traces are on). */
  readonly stack?: string | undefined;
}

import type { WriteStream } from 'node:tty';

/** Tells how far a run is. */
export interface Progress {
  show(what: string, done: number, all: number): void;
  /** Takes the line away before something else is printed. */
  end(): void;
}

/** Milliseconds between two lines where there is no terminal: enough for a log that shows that the run lives. */
const LINE_EVERY = 10_000;
/** Milliseconds between two looks of a line on a terminal. */
const LOOK_EVERY = 100;

/** One line that changes on a terminal; plain lines, now and then, in a log. */
export function progressOn(stream: WriteStream | NodeJS.WritableStream): Progress {
  const isTerminal = 'isTTY' in stream && stream.isTTY;
  const interval = isTerminal ? LOOK_EVERY : LINE_EVERY;
  let shown = isTerminal ? 0 : Date.now();
  let hasLine = false;
  return {
    show(what, done, all) {
      const now = Date.now();
      if (now - shown < interval) return;
      shown = now;
      const text = `${what} at ${done} of ${all} files (${Math.floor((done / Math.max(all, 1)) * 100)} %)`;
      stream.write(isTerminal ? `\r${text}\u001B[K` : `${text}\n`);
      hasLine = isTerminal;
    },
    end() {
      if (hasLine) stream.write('\r\u001B[K');
      hasLine = false;
    },
  };
}

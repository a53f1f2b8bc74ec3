/** What the process ends with; docs/codemod.md says what to do about each. */
export const EXIT = {
  /** Nothing was left that `--fail-on` asks for. */
  ok: 0,
  /** `--fail-on` found what it was told to fail on, or a baseline does not hold. */
  findings: 1,
  /** Wrong options, paths that do not exist, nothing that matches: nothing was read or written. */
  usage: 2,
  /** A dirty git tree, or files that git does not track: nothing was written. */
  guarded: 3,
  /** `--verify` failed: all files are as they were. */
  verification: 4,
  /** A file could not be written: what was written before is named. */
  writing: 5,
  /** A defect of the codemod. */
  internal: 70,
  /** Interrupted: each file is either old or new. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An end of the run that its user can do something about. The message says what. */
export class CodemodError extends Error {
  override readonly name = 'CodemodError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

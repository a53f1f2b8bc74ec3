import type { Reason } from '../rewrites/reasons.ts';
import type { Edit } from '../rewrites/rewrite.ts';
import type { Title } from '../rewrites/titles.ts';

/** What the codemod itself has to say of a place that its rewrites do not change; docs/reasons.md has them as well. */
export const CODEMOD_REASONS = {
  'needs-decision':
    'The rewrite changes when something happens, or moves statements: a person has to decide, or `--suggestions` does.',
  'type-error': 'The rewritten code has a type error that was not there before.',
  'comment-lost': 'The rewrite would lose a comment.',
  'does-not-parse': 'The rewritten text does not parse.',
  'not-settled': 'Rewrites of this file undo each other, so that none of them is made.',
  'wrapper-missing': 'The wrapper is not installed here, so that nothing can be opened by it.',
  declined: 'Somebody has said no to it.',
} as const;

export type CodemodReason = keyof typeof CODEMOD_REASONS;

/** A place in a text. Lines and columns count from 1, offsets in UTF-16 units from 0, without a byte order mark. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly start: number;
  readonly end: number;
}

/** What has become, or would become, of a place. */
export type Outcome =
  | {
      readonly kind: 'rewritten';
      readonly title: Title;
      readonly text: string;
      readonly safe: boolean;
      /**
       * What this rewrite alone makes of the text as it was, in its offsets; missing where it is one of a text that other
       * rewrites had changed before.
       */
      readonly edits?: readonly Edit[];
    }
  | {
      readonly kind: 'left';
      readonly reason: Reason | CodemodReason;
      /** What can be chosen there, as an editor shows it. */
      readonly suggestions: readonly string[];
    };

/** What a connection can lack, by the name of the PRAGMA that sets it. */
export type Setting = 'busy_timeout' | 'journal_mode' | 'synchronous';

/** A hazard that the rules report. */
export interface Site {
  /**
   * Stays the same while lines move: by file, rule, message, the functions around it, the code of its line, and its number
   * among equals. It is that which the next run gives it, where `written` in the new text.
   */
  readonly fingerprint: string;
  /** Without the plugin's prefix: `require-close`. */
  readonly rule: string;
  readonly messageId: string;
  readonly message: string;
  /** A driver of the catalogue (`better-sqlite3`), where it is known. */
  readonly driver: string | null;
  /** In the text as it was; in the new text for what was only found there (`isNew`). */
  readonly place: Place;
  /** In the text with all rewrites, for what is left; missing where it is not reported there any more. */
  readonly placeAfter?: Place;
  /** Classes and functions around it, the outermost first: `Queue.claim`. Missing at the top of a module. */
  readonly within?: string;
  /** What the connection lacks, where that is what is reported. */
  readonly lacks?: readonly Setting[];
  /** A rewrite made it visible: it was not reported before. */
  readonly isNew: boolean;
  readonly outcome: Outcome;
}

/** A file with at least one site, or that another file's rewrite reaches. */
export interface FileReport {
  /** From the root, with slashes. */
  readonly path: string;
  readonly before: string;
  /** The same text where nothing is changed. */
  readonly after: string;
  readonly sites: readonly Site[];
}

/** Why a file is not looked at. */
export const SKIPS = {
  generated: 'It says that it is generated, or compiled from another file.',
  vendored: 'It is somebody else’s code.',
  'too-large': 'It is larger than `--max-size`.',
  'unsupported-language': 'SQLite code in single-file components is not supported: move it into a module.',
  'not-text': 'It is not UTF-8 text.',
  'does-not-parse': 'It does not parse.',
  unreadable: 'It cannot be read.',
} as const;

export interface SkippedFile {
  readonly path: string;
  readonly why: keyof typeof SKIPS;
  /** Line and message of the parser, size in bytes, error of the file system. */
  readonly detail: string | null;
}

/** A call that opens a database, as it was before anything was rewritten. */
export interface ConnectionPlace {
  readonly path: string;
  readonly line: number;
  readonly driver: string;
  /** Base name of the file, in lower case; null where the code does not tell. */
  readonly database: string | null;
  readonly journal: 'wal' | 'other' | 'unset' | 'unknown';
  /** Milliseconds; what the driver does by itself where nobody sets it. */
  readonly busyTimeout: number | 'unknown';
  readonly readOnly: boolean;
}

/** All that a run has found, changed and left alone: every output is made from it. */
export interface Run {
  /** Of this format. */
  readonly version: 1;
  readonly tool: { readonly name: 'unbusy-codemod'; readonly version: string };
  /** Whether the new texts are in the files now. */
  readonly written: boolean;
  /** Files that were looked at, those without a finding included. */
  readonly examined: number;
  /** Their paths, but for those in `skipped`: a baseline has nothing to say of others. */
  readonly paths: readonly string[];
  readonly files: readonly FileReport[];
  /** Where databases that others can lock are opened. */
  readonly connections: readonly ConnectionPlace[];
  readonly skipped: readonly SkippedFile[];
  /** What a person should know besides: tests and mocks that name a changed helper, where awaiting stops. */
  readonly notes: readonly { readonly path: string; readonly line: number | null; readonly text: string }[];
  /** The part that was looked at, of how many. */
  readonly shard: { readonly index: number; readonly count: number } | null;
}

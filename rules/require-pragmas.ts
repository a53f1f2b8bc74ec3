import { lineOf } from '../src/places.ts';
import { isOfDriver, openSafely } from '../src/rewrites/open.ts';
import { setPoolOptions } from '../src/rewrites/pool-options.ts';
import { setPragmas, setPragmasWithin } from '../src/rewrites/pragmas.ts';
import { withdrawn, type Proposal } from '../src/rewrites/rewrite.ts';
import { wrapperFor } from '../src/rewrites/wrapper.ts';
import { createRule, type Report } from '../src/rule.ts';
import { isWrapper, settingsOf } from '../src/settings.ts';
import type { Rule } from 'eslint';
import type { Source } from '../src/rewrites/source.ts';
import type { Facts, Life, OpenFact, ReceivedFact, SettingName } from '../src/analysis/facts.ts';

interface Options {
  /** Shortest busy timeout in milliseconds that counts as one. */
  readonly minBusyTimeout: number;
  /** `PRAGMA synchronous` has to be set as well. */
  readonly synchronous: boolean;
  /** Report a missing WAL mode also where another connection sets it on a file that may be the same. */
  readonly unknownFiles: boolean;
  /** What a rewrite uses. */
  readonly style: 'wrapper' | 'pragmas';
}

export default createRule<Options>({
  name: 'require-pragmas',
  description: 'Require a busy timeout and WAL mode on every connection to a database file',
  presets: ['recommended', 'strict'],
  messages: {
    missing: 'This connection {{lacks}}: {{why}}. Set {{pragmas}} right after opening it.',
    walFirst:
      'WAL is switched on ({{line}}) before there is a busy timeout: {{driver}} waits 0 ms, so the switch fails with SQLITE_BUSY when another connection reads at that moment. Set the busy timeout first.',
  },
  options: {
    minBusyTimeout: {
      type: 'integer',
      minimum: 0,
      description: 'Shortest busy timeout in milliseconds that counts as one.',
    },
    synchronous: { type: 'boolean', description: 'Whether PRAGMA synchronous has to be set as well.' },
    style: {
      enum: ['wrapper', 'pragmas'],
      description: 'Whether a rewrite opens the connection by the safe wrapper or sets the PRAGMAs behind the open.',
    },
    unknownFiles: {
      type: 'boolean',
      description:
        'Whether to report a missing WAL mode where another connection of the project sets it on a file that may be the same one.',
    },
  },
  rewrites: ['openSafely', 'setPragmas', 'setPoolOptions'],
  defaults: { minBusyTimeout: 1000, synchronous: false, unknownFiles: false, style: 'wrapper' },
  strict: { minBusyTimeout: 5000, synchronous: true, unknownFiles: true },
  report(facts, report, options, context) {
    const { minBusyTimeout = options.minBusyTimeout } = settingsOf(context);
    if (isWrapper(context)) return;
    const rewrite = rewriterOf(context, options);
    const owed: Owed = (open) => missingOf(open, { ...options, minBusyTimeout });
    for (const open of facts.opens) {
      const missing = unsettled(open, owedAtOpen(open, facts, owed), facts, options);
      if (missing.length > 0)
        report(open.site, 'missing', describe(open, missing, minBusyTimeout), rewrite(open, missing));
      else reportOrder(open, report, rewrite);
    }
    for (const received of facts.received) {
      const missing = unsettled(received, owedByCaller(received, facts, owed), facts, options);
      if (missing.length > 0)
        report(received.site, 'missing', describe(received, missing, minBusyTimeout), rewrite(received, missing));
    }
  },
});

type Rewriter = (
  open: OpenFact | ReceivedFact,
  missing: readonly SettingName[],
) => (source: Source) => readonly Proposal[];

/** What is offered: the wrapper, or the missing PRAGMAs in the driver's own way. */
function rewriterOf(context: Rule.RuleContext, { style, minBusyTimeout }: Options): Rewriter {
  return (open, missing) => (source) => {
    const timeout = Math.max(minBusyTimeout, DEFAULT_BUSY_TIMEOUT);
    // What a library opens is its own: the handle is not the driver's.
    if (!('opened' in open) && !isOfDriver(open)) return [setPoolOptions(source, open, missing, timeout)];
    const settings = withTimeout(open, missing);
    const set = isOverwritten(open, missing)
      ? withdrawn('set-elsewhere')
      : 'opened' in open && !open.direct
        ? setPragmasWithin(source, open, settings, timeout)
        : setPragmas(source, open.site.node, open.driver, settings, timeout);
    if (style === 'pragmas' || 'opened' in open) return [set];
    return [openSafely(source, open, wrapperFor(context, open.driver)), set];
  };
}

/** WAL is not to be switched on while the driver waits 0 ms: a timeout that is set further down comes too late. */
function withTimeout(open: OpenFact | ReceivedFact, missing: readonly SettingName[]): readonly SettingName[] {
  if (!missing.includes('journal') || missing.includes('timeout') || open.driver.defaultBusyTimeout > 0) return missing;
  const options = 'opened' in open ? [] : open.options;
  return options.some(({ name }) => open.driver.options[name]?.sets === 'busy timeout')
    ? missing
    : ['timeout', ...missing];
}

/** A timeout that is too short is set somewhere behind the open. */
function isOverwritten({ lives }: OpenFact | ReceivedFact, missing: readonly SettingName[]): boolean {
  return (
    missing.includes('timeout') &&
    lives.some(({ settings }) => typeof settings.timeout === 'number' && !settings.walFirst)
  );
}

const DEFAULT_BUSY_TIMEOUT = 5000;

/** What sets it; reports name these apart from their messages, for whoever counts them. */
const PRAGMAS: Readonly<Record<SettingName, string>> = {
  timeout: 'busy_timeout',
  journal: 'journal_mode',
  synchronous: 'synchronous',
};

type Owed = (open: OpenFact | ReceivedFact) => SettingName[];

/** What the module that opens a connection has to set; some opening functions leave it to their callers. */
function owedAtOpen(open: OpenFact, { neighbours }: Facts, owed: Owed): SettingName[] {
  return owed(open).filter((setting) => !neighbours.setByCallers(open.site, setting));
}

/** What a caller has to set: where others set up what the same function opens for them, each of them has to. */
function owedByCaller(received: ReceivedFact, { neighbours }: Facts, owed: Owed): SettingName[] {
  const { opened } = received;
  const missing = owed(received);
  if (missing.length === 0) return missing;
  const open = neighbours.openAt(opened);
  return missing.filter(
    (setting) => neighbours.setByCallers(opened, setting) || (open !== null && !owed(open).includes(setting)),
  );
}

/** WAL belongs to the file: a second connection to it owes only the busy timeout. */
function unsettled(
  open: OpenFact | ReceivedFact,
  missing: readonly SettingName[],
  { neighbours }: Facts,
  { unknownFiles }: Options,
): SettingName[] {
  const lives = open.lives.filter(({ settings }) => settings.journal === 'unset');
  const isWalElsewhere = (file: string | null): boolean => {
    const answer = neighbours.walElsewhere('opened' in open ? open.opened : open.site, file);
    return answer === 'yes' || (answer === 'maybe' && !unknownFiles);
  };
  return missing.filter(
    (setting) => setting !== 'journal' || !lives.every(({ settings }) => isWalElsewhere(settings.file)),
  );
}

function reportOrder(open: OpenFact, report: Report, rewrite: Rewriter): void {
  const walFirst = open.lives.map((life) => life.settings.walFirst).find((site) => site !== null);
  if (walFirst)
    report(
      open.site,
      'walFirst',
      { line: lineOf(walFirst, open.site), driver: open.driver.id, settings: PRAGMAS.timeout },
      rewrite(open, ['timeout']),
    );
}

function missingOf(open: OpenFact | ReceivedFact, options: Options): SettingName[] {
  const owing = open.lives.filter(
    (life) => (life.used || life.lasting) && life.settings.alone === 'no' && life.settings.readOnly === 'no',
  );
  const missing: SettingName[] = [];
  if (owing.some((life) => isShort(open, life, options.minBusyTimeout))) missing.push('timeout');
  if (owing.some((life) => life.settings.journal === 'unset')) missing.push('journal');
  if (options.synchronous && owing.some((life) => life.settings.synchronous === 'unset')) missing.push('synchronous');
  return missing;
}

function isShort(open: OpenFact | ReceivedFact, { settings }: Life, least: number): boolean {
  if (settings.timeout === 'unknown') return false;
  return settings.timeout === 'unset'
    ? open.driver.defaultBusyTimeout < Math.min(least, 1000)
    : settings.timeout > 0 && settings.timeout < least;
}

function describe(
  open: OpenFact | ReceivedFact,
  missing: readonly SettingName[],
  least: number,
): Record<string, string> {
  const { driver } = open;
  const lacks: string[] = [];
  const why: string[] = [];
  const pragmas: string[] = [];
  if (missing.includes('timeout')) {
    const set = open.lives.map(({ settings }) => settings.timeout).filter((timeout) => typeof timeout === 'number');
    const shortest = Math.min(...set);
    const isSet = shortest < least;
    lacks.push(isSet ? `has a busy timeout of only ${shortest} ms` : 'has no busy timeout');
    const waits = isSet ? 'it waits' : `${driver.id} waits`;
    const milliseconds = isSet ? shortest : driver.defaultBusyTimeout;
    why.push(`${waits} ${milliseconds} ms for a lock and then fails with SQLITE_BUSY`);
    pragmas.push(`\`busy_timeout = ${Math.max(least, 5000)}\``);
  }
  if (missing.includes('journal')) {
    lacks.push('is not in WAL mode');
    why.push('readers and the writer lock each other out');
    pragmas.push('`journal_mode = WAL`');
  }
  if (missing.includes('synchronous')) {
    lacks.push('does not set synchronous');
    why.push('every commit waits for the disk while it holds the lock');
    pragmas.push('`synchronous = NORMAL`');
  }
  return {
    lacks: list(lacks),
    why: why.join('; '),
    pragmas: list(pragmas),
    driver: driver.id,
    settings: missing.map((setting) => PRAGMAS[setting]).join(' '),
  };
}

function list(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

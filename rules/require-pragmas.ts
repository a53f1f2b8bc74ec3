import { createRule, lineOf } from './rule.ts';
import { settingsOf } from '../src/settings.ts';
import type { Life, OpenFact } from '../src/analysis/facts.ts';

interface Options {
  /** Shortest busy timeout in milliseconds that counts as one. */
  readonly minBusyTimeout: number;
  /** `PRAGMA synchronous` has to be set as well. */
  readonly synchronous: boolean;
}

interface Missing {
  readonly timeout: boolean;
  readonly journal: boolean;
  readonly synchronous: boolean;
}

export default createRule<Options>({
  name: 'require-pragmas',
  description: 'Require a busy timeout and WAL mode on every connection to a database file',
  presets: ['recommended', 'strict'],
  messages: {
    missing: 'This connection {{lacks}}: {{why}}. Set {{pragmas}} right after opening it.',
    walFirst:
      'WAL is switched on ({{line}}) before there is a busy timeout: {{driver}} waits 0 ms, so the switch fails with SQLITE_BUSY when another process writes at that moment. Set the busy timeout first.',
  },
  options: {
    minBusyTimeout: {
      type: 'integer',
      minimum: 0,
      description: 'Shortest busy timeout in milliseconds that counts as one.',
    },
    synchronous: { type: 'boolean', description: 'Whether PRAGMA synchronous has to be set as well.' },
  },
  defaults: { minBusyTimeout: 1000, synchronous: false },
  strict: { minBusyTimeout: 5000, synchronous: true },
  report(facts, report, options, context) {
    const { minBusyTimeout = options.minBusyTimeout } = settingsOf(context);
    for (const open of facts.opens) {
      const missing = missingOf(open, { ...options, minBusyTimeout });
      if (missing.timeout || missing.journal || missing.synchronous) {
        report(open.site, 'missing', describe(open, missing, minBusyTimeout));
        continue;
      }
      const walFirst = open.lives.map((life) => life.settings.walFirst).find((site) => site !== null);
      if (walFirst) report(open.site, 'walFirst', { line: lineOf(walFirst, open.site), driver: open.driver.id });
    }
  },
});

function missingOf(open: OpenFact, options: Options): Missing {
  const owing = open.lives.filter(
    (life) => (life.used || life.lasting) && life.settings.alone === 'no' && life.settings.readOnly === 'no',
  );
  return {
    timeout: owing.some((life) => isShort(open, life, options.minBusyTimeout)),
    journal: owing.some((life) => life.settings.journal === 'unset'),
    synchronous: options.synchronous && owing.some((life) => life.settings.synchronous === 'unset'),
  };
}

function isShort(open: OpenFact, { settings }: Life, least: number): boolean {
  if (settings.timeout === 'unknown') return false;
  return settings.timeout === 'unset'
    ? open.driver.defaultBusyTimeout < Math.min(least, 1000)
    : settings.timeout > 0 && settings.timeout < least;
}

function describe(open: OpenFact, missing: Missing, least: number): Record<string, string> {
  const { driver } = open;
  const lacks: string[] = [];
  const why: string[] = [];
  const pragmas: string[] = [];
  if (missing.timeout) {
    lacks.push('has no busy timeout');
    why.push(`${driver.id} waits ${driver.defaultBusyTimeout} ms for a lock and then fails with SQLITE_BUSY`);
    pragmas.push(`\`busy_timeout = ${Math.max(least, 5000)}\``);
  }
  if (missing.journal) {
    lacks.push('is not in WAL mode');
    why.push('readers and the writer lock each other out');
    pragmas.push('`journal_mode = WAL`');
  }
  if (missing.synchronous) {
    lacks.push('does not set synchronous');
    why.push('every commit waits for the disk while it holds the lock');
    pragmas.push('`synchronous = NORMAL`');
  }
  return { lacks: list(lacks), why: list(why), pragmas: list(pragmas) };
}

function list(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

import { Linter, type Rule, type SourceCode } from 'eslint';
import { rules } from '../../../rules/index.ts';
import { rewriteOf } from '../../rewrites/offer.ts';
import { TITLES } from '../../rewrites/titles.ts';
import { namesAround } from './names-around.ts';
import type { Reason } from '../../rewrites/reasons.ts';
import type { Rewrite } from '../../rewrites/rewrite.ts';
import type { Place, Setting } from '../model.ts';
import type { Configuration } from './configuration.ts';

/** What a rule reports in a text. */
export interface Finding {
  readonly rule: string;
  readonly messageId: string;
  readonly message: string;
  readonly driver: string | null;
  readonly place: Place;
  /** Classes and functions around it, the outermost first; empty at the top of the module. */
  readonly within: string;
  /** What a connection lacks; empty where something else is reported. */
  readonly lacks: readonly Setting[];
  /** What `eslint --fix` makes. */
  readonly fix: Rewrite | null;
  readonly suggestions: readonly Rewrite[];
  /** Why there is none. */
  readonly reason: Reason | null;
  /** Why the rewrite of choice is not among them. */
  readonly withheld: Reason | null;
}

/** What is to be seen in a text. */
export interface Look {
  /** In the order of their places. */
  readonly findings: readonly Finding[];
  /** Why the text cannot be read, with its line; there are no findings then. */
  readonly problem: string | null;
  /** What is wrong with the settings: sentences. */
  readonly warnings: readonly string[];
  /** Their texts, wherever the lines of one begin: it may be moved to the right with the code around it. */
  readonly comments: readonly string[];
}

export interface Linted extends Look {
  /** Null where the text cannot be read. */
  readonly code: SourceCode | null;
}

/** What a rule gave with a report, which the linter's message does not have. */
type Given = Pick<Finding, 'driver' | 'lacks' | 'fix' | 'suggestions' | 'reason' | 'withheld'>;

const PREFIX = 'unbusy/';

/** The findings of the plugin's rules in a text; `eslint-disable` comments hold here as well. */
export function lint(root: string, path: string, text: string, configuration: Configuration): Linted {
  const given = new Map<string, Given>();
  const listening = Object.fromEntries(
    [...configuration.rules.keys()].flatMap((name) => {
      const rule = (rules as Readonly<Record<string, Rule.RuleModule>>)[name];
      return rule ? [[name, listenTo(name, rule, given)]] : [];
    }),
  );
  const linter = new Linter({ cwd: root });
  const config: Linter.Config = {
    // Whatever it is called: the codemod has decided that it is to be looked at.
    files: ['**/*', '**/*.*'],
    plugins: { unbusy: { rules: listening } },
    rules: Object.fromEntries(
      [...configuration.rules].map(([name, options]) => [`${PREFIX}${name}`, ['error', ...options]]),
    ),
    languageOptions: configuration.languageOptions,
    ...(configuration.settings && { settings: configuration.settings }),
    linterOptions: { reportUnusedDisableDirectives: 'off' },
  };
  const messages = linter.verify(text, [config], { filename: path });
  const fatal = messages.find((message) => message.fatal === true || message.ruleId === null);
  if (fatal)
    return { findings: [], problem: `line ${fatal.line}: ${fatal.message}`, warnings: [], comments: [], code: null };
  const code = linter.getSourceCode();
  const findings = messages.flatMap((message) => {
    const found = given.get(keyOf(message.ruleId ?? '', message));
    if (!found || message.messageId === undefined) return [];
    const { drivers } = configuration;
    const isWanted = !drivers || (found.driver !== null && drivers.has(found.driver));
    return isWanted ? [findingOf(message, message.messageId, found, code)] : [];
  });
  // A comment in the file may speak of rules of others, which are not there.
  const own = messages.filter(({ ruleId, messageId }) => messageId === undefined && ruleId?.startsWith(PREFIX));
  const warnings = own.map(({ message }) => message);
  const comments = code.getAllComments().map(({ value }) => value.replace(/\s+/g, ' ').trim());
  return { findings, problem: null, warnings: [...new Set(warnings)], comments, code };
}

/** The rule, with what it gives with its reports kept by their places. */
function listenTo(name: string, rule: Rule.RuleModule, given: Map<string, Given>): Rule.RuleModule {
  return {
    ...rule,
    create(context) {
      const report = (descriptor: Rule.ReportDescriptor): void => {
        const { start } = (descriptor as { loc: { start?: { line: number; column: number } } }).loc;
        const messageId = 'messageId' in descriptor ? descriptor.messageId : '';
        if (start)
          given.set(
            keyOf(PREFIX + name, { messageId, line: start.line, column: start.column + 1 }),
            givenBy(descriptor),
          );
        context.report(descriptor);
      };
      return rule.create(Object.create(context, { report: { value: report } }) as Rule.RuleContext);
    },
  };
}

function givenBy({ data = {}, fix, suggest }: Rule.ReportDescriptor): Given {
  return {
    driver: typeof data.driver === 'string' ? data.driver : null,
    lacks: typeof data.settings === 'string' ? (data.settings.split(' ') as Setting[]) : [],
    reason: (data.reason as Reason | undefined) ?? null,
    withheld: (data.withheld as Reason | undefined) ?? null,
    fix: fix ? rewriteOf(fix) : null,
    suggestions: (suggest ?? []).flatMap((suggestion) => rewriteOf(suggestion.fix) ?? []),
  };
}

interface Spot {
  readonly messageId?: string | undefined;
  readonly line: number;
  readonly column: number;
}

function keyOf(rule: string, { messageId = '', line, column }: Spot): string {
  return `${rule}:${messageId}:${line}:${column}`;
}

function findingOf(message: Linter.LintMessage, messageId: string, given: Given, code: SourceCode): Finding {
  const { line, column, endLine = line, endColumn = column } = message;
  const start = code.getIndexFromLoc({ line, column: column - 1 });
  return {
    ...given,
    rule: (message.ruleId ?? '').slice(PREFIX.length),
    messageId,
    message: message.message,
    within: namesAround(code, start),
    place: {
      line,
      column,
      endLine,
      endColumn,
      start,
      end: code.getIndexFromLoc({ line: endLine, column: endColumn - 1 }),
    },
  };
}

/** What a rewrite does, in words. */
export function describe({ title, data = {} }: Rewrite): string {
  return TITLES[title].replace(/\{\{(\w+)\}\}/g, (whole, name: string) => data[name] ?? whole);
}

import { analyze } from './analysis/index.ts';
import { offer, reasonOf, sourceOf } from './rewrites/offer.ts';
import { TITLES, type Title } from './rewrites/titles.ts';
import { analysisSettings, isIgnoredTest, problemsOfSettings } from './settings.ts';
import type { Rule, SourceCode } from 'eslint';
import type { Facts } from './analysis/facts.ts';
import { withdrawn, type Proposal } from './rewrites/rewrite.ts';
import type { Source } from './rewrites/source.ts';
import type { Site, SourceNode } from './analysis/ir.ts';

/** The presets that a rule is in. */
export type Preset = 'recommended' | 'strict';

interface Definition<Options extends object> {
  readonly name: string;
  readonly description: string;
  readonly presets: readonly Preset[];
  readonly messages: Readonly<Record<string, string>>;
  /** Properties of the rule's one option, as JSON schema. */
  readonly options?: Readonly<Record<keyof Options & string, object>>;
  readonly defaults: Options;
  /** Options under `strict`, where they differ. */
  readonly strict?: Partial<Options>;
  /** What its rewrites do, by their titles. */
  readonly rewrites?: readonly Title[];
  /** None of its rewrites is ever safe. */
  readonly suggestsOnly?: boolean;
  /** Tests are checked as well: what it finds is wrong there too. */
  readonly inTests?: boolean;
  readonly report: (facts: Facts, report: Report, options: Options, context: Rule.RuleContext) => void;
}

/** Reports a place; the first rewrite that is safe becomes the fix, all of them suggestions. */
export type Report = (
  place: Site,
  messageId: string,
  data?: Readonly<Record<string, string>>,
  rewrites?: (source: Source) => readonly Proposal[],
) => void;

/** A rule with what the plugin derives its presets from. */
export interface UnbusyRule extends Rule.RuleModule {
  readonly presets: readonly Preset[];
  readonly strictOptions: object | null;
}

const DOCS = 'https://github.com/unbusy/unbusy/blob/main/docs/rules';

/** What is known of the file being linted, found once for all rules. */
interface Linted {
  readonly facts: Facts | null;
  /** What keeps the file from being checked as it should be: sentences for its top. */
  readonly problems: readonly string[];
  readonly isTest: boolean;
  /** Some rule has said already what the problems are. */
  hasTold: boolean;
}

const TOO_DEEP = 'This file was not checked as a whole: its code is nested too deeply to be followed.';

/** What there is to do in nearly all files. */
const NOTHING: Rule.RuleListener = Object.freeze({});

/** The file that was looked at last: hosts create all rules of a file before those of the next. */
let last: { readonly ast: object; readonly linted: Linted } | null = null;

function lintedOf(context: Rule.RuleContext): Linted {
  const { ast } = context.sourceCode;
  if (last?.ast !== ast) last = { ast, linted: look(context) };
  return last.linted;
}

function look(context: Rule.RuleContext): Linted {
  const { filename: path, sourceCode, cwd: workingDirectory } = context;
  const file = { path, text: sourceCode.text, ast: sourceCode.ast as never, workingDirectory };
  const facts = analyze(file, analysisSettings(context));
  const isTest = facts !== null && isIgnoredTest(context);
  const problems = problemsOfSettings(context).map((problem) => `${problem} This setting is not used.`);
  if (facts?.tooDeep && !isTest) problems.push(TOO_DEEP);
  return { facts, problems, isTest, hasTold: false };
}

/** Options that all rules with rewrites have. */
interface RewriteOptions {
  /** Whether `--fix` applies what is safe; otherwise it is suggested as well. */
  readonly autofix: boolean;
}

const REWRITE_OPTIONS = {
  autofix: {
    type: 'boolean',
    description: 'Whether `--fix` applies rewrites that are safe; otherwise they are only suggested.',
  },
};

export function createRule<Options extends object>(definition: Definition<Options>): UnbusyRule {
  const { name, description, presets, messages, inTests = false, rewrites: titles = [] } = definition;
  const { suggestsOnly = false } = definition;
  const hasRewrites = titles.length > 0;
  const hasFixes = hasRewrites && !suggestsOnly;
  const options = { ...definition.options, ...(hasFixes && REWRITE_OPTIONS) };
  const defaults = { ...definition.defaults, ...(hasFixes && { autofix: true }) };
  const hasOptions = Object.keys(options).length > 0;
  return {
    presets,
    strictOptions: definition.strict ?? null,
    meta: {
      type: 'problem',
      docs: { description, url: `${DOCS}/${name}.md`, recommended: presets.includes('recommended') },
      ...(hasFixes && { fixable: 'code' as const }),
      ...(hasRewrites && { hasSuggestions: true }),
      schema: hasOptions ? [{ type: 'object', properties: options, additionalProperties: false }] : [],
      defaultOptions: hasOptions ? [defaults] : [],
      messages: { ...messages, ...Object.fromEntries(titles.map((title) => [title, TITLES[title]])) },
    },
    create(context) {
      const linted = lintedOf(context);
      const { facts } = linted;
      const isSilent = !facts || (!inTests && linted.isTest);
      if (isSilent && linted.problems.length === 0) return NOTHING;
      return {
        Program() {
          if (!linted.hasTold) reportProblems(context, linted);
          linted.hasTold = true;
          if (isSilent) return;
          const chosen = { ...defaults, ...(context.options[0] as Partial<Options & RewriteOptions> | undefined) };
          const report: Report = ({ node }, messageId, data = {}, rewrites) => {
            const proposals = rewrites ? proposalsOf(rewrites, context.sourceCode) : [];
            context.report({
              loc: locationOf(context, node),
              messageId,
              data: { ...data, ...reasonOf(proposals) },
              ...offer(proposals, chosen.autofix !== false),
            });
          };
          definition.report(facts, report, chosen, context);
        },
      };
    },
  };
}

/** A rewrite that fails takes nothing with it: what is found is found. */
function proposalsOf(rewrites: (source: Source) => readonly Proposal[], code: SourceCode): readonly Proposal[] {
  try {
    return rewrites(sourceOf(code));
  } catch {
    return [withdrawn('failed')];
  }
}

/** They are told at the top of each file, as what is found, or not, cannot be relied on. */
function reportProblems(context: Rule.RuleContext, { problems }: Linted): void {
  for (const message of problems) context.report({ loc: { line: 1, column: 0 }, message });
}

function locationOf(context: Rule.RuleContext, node: SourceNode): { start: Position; end: Position } {
  const { sourceCode } = context;
  return { start: sourceCode.getLocFromIndex(node.range[0]), end: sourceCode.getLocFromIndex(node.range[1]) };
}

interface Position {
  line: number;
  column: number;
}

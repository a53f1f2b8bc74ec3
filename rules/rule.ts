import { analysisSettings, isIgnoredTest } from '../src/settings.ts';
import { analyze } from '../src/analysis/index.ts';
import type { Rule } from 'eslint';
import type { Facts } from '../src/analysis/facts.ts';
import type { Site, SourceNode } from '../src/analysis/ir.ts';

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
  /** Tests are checked as well: what it finds is wrong there too. */
  readonly inTests?: boolean;
  readonly report: (facts: Facts, report: Report, options: Options, context: Rule.RuleContext) => void;
}

export type Report = (place: Site, messageId: string, data?: Readonly<Record<string, string>>) => void;

/** A rule with what the plugin derives its presets from. */
export interface UnbusyRule extends Rule.RuleModule {
  readonly presets: readonly Preset[];
  readonly strictOptions: object | null;
}

const DOCS = 'https://github.com/unbusy/unbusy/blob/main/docs/rules';
const known = new WeakMap<object, { readonly facts: Facts | null }>();

/** The facts of the file being linted, found once for all rules. */
function factsOf(context: Rule.RuleContext): Facts | null {
  const { sourceCode } = context;
  let entry = known.get(sourceCode.ast);
  if (!entry) {
    entry = {
      facts: analyze(
        {
          path: context.filename,
          text: sourceCode.text,
          ast: sourceCode.ast as never,
          workingDirectory: context.cwd,
        },
        analysisSettings(context),
      ),
    };
    known.set(sourceCode.ast, entry);
  }
  return entry.facts;
}

export function createRule<Options extends object>(definition: Definition<Options>): UnbusyRule {
  const { name, description, presets, messages, options, defaults, inTests = false } = definition;
  return {
    presets,
    strictOptions: definition.strict ?? null,
    meta: {
      type: 'problem',
      docs: { description, url: `${DOCS}/${name}.md`, recommended: presets.includes('recommended') },
      schema: options ? [{ type: 'object', properties: options, additionalProperties: false }] : [],
      defaultOptions: options ? [defaults] : [],
      messages: { ...messages },
    },
    create(context) {
      const facts = factsOf(context);
      if (!facts || (!inTests && isIgnoredTest(context))) return {};
      return {
        Program() {
          const chosen = { ...defaults, ...(context.options[0] as Partial<Options> | undefined) };
          const report: Report = ({ node }, messageId, data = {}) => {
            context.report({ loc: locationOf(context, node), messageId, data: { ...data } });
          };
          definition.report(facts, report, chosen, context);
        },
      };
    },
  };
}

/** Line of a place, for a message: `line 12`, with the file where it is another one. */
export function lineOf(place: Site, from: Site): string {
  const line = `line ${place.module.lineOf(place.node.range[0])}`;
  if (place.module === from.module) return line;
  const name = place.module.path.split(/[\\/]/).at(-1) ?? place.module.path;
  return `${line} of ${name}`;
}

function locationOf(context: Rule.RuleContext, node: SourceNode): { start: Position; end: Position } {
  const { sourceCode } = context;
  return { start: sourceCode.getLocFromIndex(node.range[0]), end: sourceCode.getLocFromIndex(node.range[1]) };
}

interface Position {
  line: number;
  column: number;
}

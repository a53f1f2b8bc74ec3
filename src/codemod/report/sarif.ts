import { rules } from '../../../rules/index.ts';
import { meaningOf } from '../reasons.ts';
import { CAUSES, levelOf } from './causes.ts';
import { foundIn, isThere, type Found } from './found.ts';
import { skipText } from './text.ts';
import type { Edit } from '../../rewrites/rewrite.ts';
import type { FileReport, Outcome, Run } from '../model.ts';
import type {
  ArtifactLocation,
  Fix,
  Log,
  Notification,
  PropertyBag,
  Region,
  Replacement,
  ReportingDescriptor,
  Result,
} from 'sarif';

/** Where the paths of a run are. */
export interface SarifPlace {
  /** The folder of the run from the root of the repository, with slashes; empty for the root itself. */
  readonly folder: string;
}

const INFORMATION = 'https://github.com/unbusy/unbusy';
const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const ROOT = '%SRCROOT%';

/** A run as code scanning reads it: SARIF 2.1.0, places relative to the root of the repository. */
export function sarifReport(run: Run, { folder }: SarifPlace = { folder: '' }): string {
  const files = new Map(run.files.map((file) => [file.path, file]));
  const found = foundIn(run).filter(({ site }) => isThere(site, run));
  const used = [...new Set(found.map(({ site }) => site.rule))].toSorted();
  const locationOf = (path: string): ArtifactLocation => ({ uri: uriOf(folder, path), uriBaseId: ROOT });
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: run.tool.name,
            semanticVersion: run.tool.version,
            informationUri: INFORMATION,
            rules: used.map(descriptorOf),
          },
        },
        automationDetails: { id: 'unbusy/' },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [ROOT]: { description: { text: 'The root of the repository.' } } },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: notificationsOf(run, locationOf) }],
        results: found.map((each) => resultOf(each, files.get(each.path), used.indexOf(each.site.rule), locationOf)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function uriOf(folder: string, path: string): string {
  return [...folder.split('/'), ...path.split('/')].filter(Boolean).map(encodeURIComponent).join('/');
}

function descriptorOf(rule: string): ReportingDescriptor {
  const { docs } = (rules as Readonly<Record<string, { readonly meta?: { readonly docs?: Docs } }>>)[rule]?.meta ?? {};
  const causes = CAUSES.filter((cause) => cause.rule === rule);
  const isError = causes.some(({ level }) => level === 'error');
  return {
    id: `unbusy/${rule}`,
    name: rule.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `${docs?.description ?? rule}.` },
    fullDescription: { text: causes.map(({ effect }) => effect).join(' ') },
    help: {
      text: causes.map(({ title, effect, cure }) => `${title}. ${effect} ${cure}`).join('\n\n'),
      markdown: [
        ...causes.map(({ title, effect, cure }) => `**${title}.** ${effect}\n\n${cure}`),
        `[More about the rule](${docs?.url ?? INFORMATION})`,
      ].join('\n\n'),
    },
    helpUri: docs?.url ?? INFORMATION,
    defaultConfiguration: { level: isError ? 'error' : 'warning' },
    properties: { tags: ['sqlite', 'concurrency'], 'problem.severity': isError ? 'error' : 'warning' },
  };
}

interface Docs {
  readonly description?: string;
  readonly url?: string;
}

type LocationOf = (path: string) => ArtifactLocation;

function resultOf(
  { path, site, place }: Found,
  file: FileReport | undefined,
  ruleIndex: number,
  locationOf: LocationOf,
): Result {
  const { fingerprint, rule, message, outcome, within, driver } = site;
  const fix = file && fixOf(outcome, file, locationOf(path));
  return {
    ruleId: `unbusy/${rule}`,
    ruleIndex,
    level: levelOf(site),
    kind: 'fail',
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: locationOf(path),
          region: {
            startLine: place.line,
            startColumn: place.column,
            endLine: place.endLine,
            endColumn: place.endColumn,
          },
        },
        ...(within !== undefined && { logicalLocations: [{ fullyQualifiedName: within, kind: 'function' }] }),
      },
    ],
    partialFingerprints: { 'unbusy/v1': fingerprint },
    ...(fix && { fixes: [fix] }),
    properties: { ...propertiesOf(outcome), ...(driver !== null && { driver }) },
  };
}

/** What a viewer shows besides; the reason of a place that is left alone with what it means. */
function propertiesOf(outcome: Outcome): PropertyBag {
  return outcome.kind === 'left'
    ? { reason: outcome.reason, meaning: meaningOf(outcome.reason), suggestions: [...outcome.suggestions] }
    : { rewrite: outcome.text, safe: outcome.safe };
}

function fixOf(outcome: Outcome, { before }: FileReport, artifactLocation: ArtifactLocation): Fix | null {
  if (outcome.kind !== 'rewritten' || !outcome.edits || outcome.edits.length === 0) return null;
  const replacements = outcome.edits.map((edit) => replacementOf(edit, before));
  return { description: { text: outcome.text }, artifactChanges: [{ artifactLocation, replacements }] };
}

function replacementOf({ range: [start, end], text }: Edit, before: string): Replacement {
  const from = positionOf(before, start);
  const to = positionOf(before, end);
  const deletedRegion: Region = {
    startLine: from.line,
    startColumn: from.column,
    endLine: to.line,
    endColumn: to.column,
  };
  return { deletedRegion, insertedContent: { text } };
}

function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

/** What was not looked at, and what a person should know. */
function notificationsOf({ skipped, notes }: Run, locationOf: LocationOf): Notification[] {
  return [
    ...skipped.map((skip): Notification => ({
      level: skip.why === 'does-not-parse' || skip.why === 'unreadable' ? 'warning' : 'note',
      message: { text: `Not looked at: ${skipText(skip)}` },
      locations: [{ physicalLocation: { artifactLocation: locationOf(skip.path) } }],
    })),
    ...notes.map(({ path, line, text }): Notification => ({
      level: 'note',
      message: { text },
      locations: [
        {
          physicalLocation: {
            artifactLocation: locationOf(path),
            ...(line !== null && { region: { startLine: line } }),
          },
        },
      ],
    })),
  ];
}

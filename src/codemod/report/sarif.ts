import { rules } from '../../../rules/index.ts';
import { meaningOf } from '../reasons.ts';
import { SKIPS, type FileReport, type Run, type Site } from '../model.ts';
import type { Log, Notification, PhysicalLocation, ReportingDescriptor, Result } from 'sarif';

const INFORMATION = 'https://github.com/unbusy/unbusy';
const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** A run as code scanning reads it: SARIF 2.1.0, places relative to the root of the repository. */
export function sarifReport(run: Run): string {
  const used = [...new Set(run.files.flatMap(({ sites }) => sites.map(({ rule }) => rule)))].toSorted();
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
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'The root of the repository.' } } },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: notificationsOf(run) }],
        results: run.files.flatMap((file) =>
          file.sites.filter((site) => isThere(site, run)).map((site) => resultOf(site, file, used.indexOf(site.rule))),
        ),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function descriptorOf(rule: string): ReportingDescriptor {
  const { docs } = (rules as Readonly<Record<string, { readonly meta?: { readonly docs?: Docs } }>>)[rule]?.meta ?? {};
  return {
    id: `unbusy/${rule}`,
    name: rule.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `${docs?.description ?? rule}.` },
    ...(docs?.url && { helpUri: docs.url }),
    defaultConfiguration: { level: 'error' },
  };
}

interface Docs {
  readonly description?: string;
  readonly url?: string;
}

/** What was rewritten is not reported any more. */
function isThere({ outcome, isNew }: Site, { written }: Run): boolean {
  return written ? outcome.kind === 'left' : !isNew;
}

function resultOf(site: Site, { path }: FileReport, ruleIndex: number): Result {
  const { fingerprint, rule, message, place, outcome } = site;
  return {
    ruleId: `unbusy/${rule}`,
    ruleIndex,
    level: 'error',
    kind: 'fail',
    message: { text: message },
    locations: [{ physicalLocation: { ...locationOf(path), region: regionOf(place) } }],
    partialFingerprints: { 'unbusy/v1': fingerprint },
    properties:
      outcome.kind === 'left'
        ? { reason: outcome.reason, meaning: meaningOf(outcome.reason), suggestions: [...outcome.suggestions] }
        : { rewrite: outcome.text, safe: outcome.safe },
  };
}

function regionOf({ line, column, endLine, endColumn }: Site['place']): NonNullable<PhysicalLocation['region']> {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

function locationOf(path: string): PhysicalLocation {
  const uri = path.split('/').map(encodeURIComponent).join('/');
  return { artifactLocation: { uri, uriBaseId: 'SRCROOT' } };
}

/** What was not looked at, and what a person should know. */
function notificationsOf({ skipped, notes }: Run): Notification[] {
  return [
    ...skipped.map(({ path, why, detail }) => ({
      level: 'note' as const,
      message: { text: `Not looked at: ${SKIPS[why]}${detail === null ? '' : ` (${detail})`}` },
      locations: [{ physicalLocation: locationOf(path) }],
    })),
    ...notes.map(({ path, text }) => ({
      level: 'note' as const,
      message: { text },
      locations: [{ physicalLocation: locationOf(path) }],
    })),
  ];
}

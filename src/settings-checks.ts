import { inspect } from 'node:util';
import { nearest } from './analysis/sql/pragmas.ts';
import { DRIVERS } from './drivers/index.ts';
import { WRAPPER_NAMES } from './drivers/unbusy.ts';
import type { UnbusySettings } from './settings.ts';

/** What is wrong with a value; `path` is how a user would name it. */
type Check = (value: unknown, path: string) => string[];

const DRIVER_IDS = DRIVERS.map(({ id }) => id);

const text: Check = (value, path) =>
  typeof value === 'string' && value !== '' ? [] : [wrong(value, path, 'a string that is not empty')];

const flag: Check = (value, path) => (typeof value === 'boolean' ? [] : [wrong(value, path, '`true` or `false`')]);

const milliseconds: Check = (value, path) =>
  typeof value === 'number' && value >= 0 ? [] : [wrong(value, path, 'a number of milliseconds, 0 or more')];

const driver: Check = (value, path) =>
  typeof value === 'string' && DRIVER_IDS.includes(value)
    ? []
    : [
        wrong(
          value,
          path,
          `one of ${DRIVER_IDS.map((id) => `\`${id}\``).join(', ')}`,
          nearest(String(value), DRIVER_IDS),
        ),
      ];

const listOf =
  (check: Check): Check =>
  (value, path) =>
    Array.isArray(value)
      ? value.flatMap((item: unknown, index) => check(item, `${path}[${index}]`))
      : [wrong(value, path, 'an array')];

const optional =
  (check: Check): Check =>
  (value, path) =>
    value === undefined ? [] : check(value, path);

const object =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [wrong(value, path, 'an object')];
    const entries = new Map<string, unknown>(Object.entries(value));
    const unknown = [...entries.keys()].filter((name) => !(name in fields));
    return [
      ...unknown.map((name) => `\`${path}.${name}\` is not known.${suggestion(nearest(name, Object.keys(fields)))}`),
      ...Object.entries(fields).flatMap(([name, check]) => check(entries.get(name), `${path}.${name}`)),
    ];
  };

const tests: Check = (value, path) =>
  value === 'ignore' || value === 'check'
    ? []
    : Array.isArray(value)
      ? listOf(text)(value, path)
      : [wrong(value, path, '`"ignore"`, `"check"` or an array of strings')];

const CHECKS: Readonly<Record<keyof UnbusySettings, Check>> = {
  wrapper: optional(
    object({
      module: text,
      driver: optional(driver),
      names: optional(object(Object.fromEntries(Object.keys(WRAPPER_NAMES).map((name) => [name, optional(text)])))),
    }),
  ),
  minBusyTimeout: optional(milliseconds),
  openers: optional(listOf(object({ module: text, name: text, driver, configured: optional(flag) }))),
  foreignWork: optional(listOf(text)),
  tests: optional(tests),
};

/** What is wrong with `settings.unbusy`, in sentences for the user. */
export const settingsProblems = (value: unknown): string[] => object(CHECKS)(value, 'settings.unbusy');

/** Whether one of the settings can be used as it is. */
export function isUsable(name: string, value: unknown): boolean {
  const check = (CHECKS as Readonly<Record<string, Check>>)[name];
  return check?.(value, name).length === 0;
}

function wrong(value: unknown, path: string, expected: string, meant: string | null = null): string {
  const given = value === undefined ? 'is missing' : `is \`${inspect(value, { depth: 1, breakLength: Infinity })}\``;
  return `\`${path}\` ${given}: it has to be ${expected}.${suggestion(meant)}`;
}

function suggestion(meant: string | null): string {
  return meant === null ? '' : ` Did you mean \`${meant}\`?`;
}

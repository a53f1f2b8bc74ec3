/** Says what is wrong with a value, with the way to it (`files[2].path`); null where nothing is. */
export type Shape = (value: unknown, at: string) => string | null;

const is =
  (type: 'string' | 'boolean', what: string): Shape =>
  (value, at) =>
    typeof value === type ? null : `${at} is not ${what}`;

export const text = is('string', 'a text');
export const truth = is('boolean', 'true or false');

/** A whole number that is not smaller than `least`. */
export const number =
  (least = 0): Shape =>
  (value, at) =>
    Number.isInteger(value) && Number(value) >= least ? null : `${at} is not a whole number from ${least}`;

export const oneOf =
  (...values: readonly unknown[]): Shape =>
  (value, at) =>
    values.includes(value)
      ? null
      : `${at} is ${shown(value)}, and this version knows ${values.map((each) => JSON.stringify(each)).join(', ')}`;

/** One of the names that this version knows, of which there are too many to list. */
export const keyOf =
  (names: object, what: string): Shape =>
  (value, at) =>
    typeof value === 'string' && Object.hasOwn(names, value)
      ? null
      : `${at} is ${shown(value)}, ${what} that this version does not know`;

export const orNull =
  (shape: Shape): Shape =>
  (value, at) =>
    value === null ? null : shape(value, at);

export const either =
  (one: Shape, other: Shape): Shape =>
  (value, at) =>
    one(value, at) === null ? null : other(value, at);

export const list =
  (shape: Shape): Shape =>
  (value, at) => {
    if (!Array.isArray(value)) return `${at} is not a list`;
    return firstOf(value.map((item, index) => () => shape(item, `${at}[${index}]`)));
  };

/** An object with these properties, and perhaps others: a later version of the format may have more. */
export const object =
  (fields: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>> = {}): Shape =>
  (value, at) => {
    if (!isObject(value)) return `${at || 'it'} is not an object`;
    const way = (name: string): string => (at === '' ? name : `${at}.${name}`);
    return firstOf([
      ...Object.entries(fields).map(
        ([name, shape]) =>
          () =>
            name in value ? shape(value[name], way(name)) : `${way(name)} is missing`,
      ),
      ...Object.entries(optional).map(
        ([name, shape]) =>
          () =>
            name in value ? shape(value[name], way(name)) : null,
      ),
    ]);
  };

/** One of several objects, told apart by the value of a property. */
export const byKind =
  (key: string, shapes: Readonly<Record<string, Shape>>): Shape =>
  (value, at) => {
    if (!isObject(value)) return `${at} is not an object`;
    const kind = value[key];
    const shape = typeof kind === 'string' && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
    return shape ? shape(value, at) : oneOf(...Object.keys(shapes))(kind, `${at}.${key}`);
  };

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstOf(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const problem = check();
    if (problem !== null) return problem;
  }
  return null;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? 'missing' : json.length > 40 ? `${json.slice(0, 40)}…` : json;
}

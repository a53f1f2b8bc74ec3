/** What the scaffolded module depends on. */
export interface WrapperModule {
  /** The wrapper's entry: `unbusy/better-sqlite3`. */
  readonly entry: string;
  /** Its calls block, so that there are forms that do not. */
  readonly synchronous: boolean;
  readonly typed: boolean;
  readonly commonJs: boolean;
}

/** Functions that take the options of a connection behind the file, with the place of those. */
const OPENING = { openDatabase: ['file'], withConnection: ['file', 'fn'] } as const;

/** The source of a project's own wrapper: one place for the settings of its connections. */
export function wrapperModule({ entry, synchronous, typed, commonJs }: WrapperModule): string {
  const opening = Object.keys(OPENING).flatMap((name) => (synchronous ? [name, `${name}Async`] : [name]));
  const others = synchronous ? ['withTransaction', 'withTransactionAsync'] : ['withTransaction'];
  const load = commonJs ? `const unbusy = require('${entry}');` : `import * as unbusy from '${entry}';`;
  const constant = commonJs ? 'const' : 'export const';
  const lines = [
    load,
    '',
    '/** The settings of every connection of this project; WAL and synchronous = NORMAL are set in any case. */',
    'const SETTINGS = {',
    '  /** Milliseconds to wait for the lock of somebody else. */',
    '  busyTimeout: 5000,',
    '};',
    '',
    ...opening.flatMap((name) => {
      const parameters = OPENING[name.replace(/Async$/, '') as keyof typeof OPENING].join(', ');
      const type = typed ? `: typeof unbusy.${name}` : '';
      const call = `unbusy.${name}(${parameters}, { ...SETTINGS, ...options })`;
      return [`${constant} ${name}${type} = (${parameters}, options) =>`, `  ${call};`, ''];
    }),
    ...(commonJs
      ? [`module.exports = { ${[...opening, ...others.map((name) => `${name}: unbusy.${name}`)].join(', ')} };`]
      : [`export const { ${others.join(', ')} } = unbusy;`]),
  ];
  return `${lines.join('\n')}\n`;
}

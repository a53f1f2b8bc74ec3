/**
 * Packages whose functions work on a connection that they are given and give it back as it was: they neither keep it nor
 * close it nor set its PRAGMAs.
 */
const BORROWERS: readonly RegExp[] = [
  /^drizzle-orm\/.*migrator$/,
  /^drizzle-orm$/,
  /^sqlite-(?:vec|vss|lembed|regex|ulid|xsv|html|http|lines|path|url)$/,
  /^umzug$/,
];

export function borrows(specifier: string): boolean {
  return BORROWERS.some((pattern) => pattern.test(specifier));
}

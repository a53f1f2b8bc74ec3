/**
 * Whether a file name means a database that no other connection can have open: in memory, or a temporary file that
 * SQLite names itself (https://sqlite.org/inmemorydb.html).
 */
export function isInMemory(filename: string): boolean {
  const name = filename.trim();
  return (
    name === '' ||
    name === ':memory:' ||
    name.startsWith('file::memory:') ||
    /^file:[^?]*\?(?:[^#]*&)?mode=memory(?:[&#]|$)/.test(name)
  );
}

/** The path of `file:a.db?x=y`, `file:/a.db` and `file:///a.db` (https://sqlite.org/uri.html). */
export function pathOfUri(uri: string): string {
  const path = uri
    .slice('file:'.length)
    .replace(/[?#].*$/, '')
    .replace(/^\/\/(?:localhost)?(?=\/)/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

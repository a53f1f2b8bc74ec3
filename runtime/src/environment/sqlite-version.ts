/**
 * Whether a version of SQLite can corrupt a database in WAL mode when a checkpoint resets the WAL while another
 * connection writes: 3.7.0 to 3.51.2, but for the branches that got the correction (3.44.6 and 3.50.7). The good
 * versions are not one range: 3.45 to 3.49 have it. False for a text that is no version.
 */
export function hasWalResetBug(version: string): boolean {
  const [major, minor, patch] = version.split('.').map(Number);
  if (major !== 3 || minor === undefined || patch === undefined || Number.isNaN(minor) || Number.isNaN(patch))
    return false;
  if (minor < 7 || minor > 51) return false;
  if (minor === 51) return patch < 3;
  if (minor === 50) return patch < 7;
  if (minor === 44) return patch < 6;
  return true;
}

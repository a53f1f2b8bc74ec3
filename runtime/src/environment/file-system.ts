import { statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathOfUri } from './uri.ts';

export interface FileSystem {
  /** Its name, or its number in hexadecimal digits. */
  readonly name: string;
  /** False where processes of several machines share files but not memory; undefined where that is not known. */
  readonly carriesWal: boolean | undefined;
}

/** `f_type` of file systems that are on another machine (Linux: statfs(2) and linux/magic.h). */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB2'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9p'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x786f4256, 'VirtualBox shared folder'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
]);

/** By folder: a process opens many databases in few folders. */
const known = new Map<string, FileSystem>();

/**
 * The file system that a file is on or will be made on. Linux tells by statfs, Windows by the name of a share
 * (`\\server\share`); elsewhere it is not known. Never throws.
 *
 * @param typeOf The number of the file system of a folder; replaced by tests.
 */
export function fileSystemOf(file: string, typeOf: (folder: string) => number = systemType): FileSystem {
  if (/^(?:\\\\|\/\/)[^\\/?.]/.test(file) && process.platform === 'win32')
    return { name: 'a network share', carriesWal: false };
  const folder = dirname(resolve(file.startsWith('file:') ? pathOfUri(file) : file));
  let found = known.get(folder);
  if (found === undefined || typeOf !== systemType) {
    found = identify(folder, typeOf);
    if (typeOf === systemType) known.set(folder, found);
  }
  return found;
}

function identify(folder: string, typeOf: (folder: string) => number): FileSystem {
  try {
    const type = typeOf(folder) >>> 0;
    const remote = REMOTE.get(type);
    return remote === undefined
      ? { name: `0x${type.toString(16)}`, carriesWal: undefined }
      : { name: remote, carriesWal: false };
  } catch {
    return { name: 'unknown', carriesWal: undefined };
  }
}

/** Only Linux has numbers that mean the same on every machine. */
function systemType(folder: string): number {
  return process.platform === 'linux' ? statfsSync(folder).type : 0;
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { applyChanges, resumeChanges, type Change } from '../../src/codemod/write/apply.ts';
import { Journal } from '../../src/codemod/write/journal.ts';
import { codemod } from './command.ts';
import { ProjectFolder } from '../project-folder.ts';
import { Random } from '../random.ts';

const PROGRAM = fileURLToPath(new URL('writing-process.mjs', import.meta.url));
/** How many processes are killed; `npm run test:kill` asks for thousands. */
const KILLS = Number(process.env.UNBUSY_CODEMOD_KILLS ?? 25);
const FILES = 60;

/** Long enough that it takes several writes. */
const textOf = (word: string, index: number): string => `// ${index}\n${`export const ${word} = 1;\n`.repeat(4_000)}`;

function folderOfFiles(count: number): ProjectFolder {
  const folder = new ProjectFolder({});
  for (let index = 0; index < count; index += 1) writeFileSync(folder.file(`${index}.js`), textOf('old', index));
  return folder;
}

/** Runs the process, kills it after so many milliseconds of writing, and tells how many it wrote for. */
async function writing(folder: ProjectFolder, killedAfter?: number): Promise<number> {
  const child = spawn(process.execPath, [PROGRAM, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const start = performance.now();
  if (killedAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killedAfter);
  await once(child, 'exit');
  return performance.now() - start;
}

const journalIn = (folder: ProjectFolder): Journal => new Journal(folder.path);

const change = (folder: ProjectFolder, name: string, after: string): Change => ({
  absolute: folder.file(name),
  before: folder.text(name),
  after,
});

describe('a process that is killed at any moment', () => {
  test(
    `leaves each file old or new, in ${KILLS} tries`,
    async () => {
      const random = new Random(20261127);
      let hasMixed = false;
      // Milliseconds that an undisturbed process writes for.
      const duration = await writing(folderOfFiles(FILES));
      for (let kill = 0; kill < KILLS; kill += 1) {
        const folder = folderOfFiles(FILES);
        await writing(folder, random.below(Math.ceil(duration)));

        const isNew = Array.from({ length: FILES }, (_, index) => {
          const text = folder.text(`${index}.js`);
          const is = text === textOf('new', index);
          expect(is || text === textOf('old', index), `${index}.js is neither`).toBe(true);
          return is;
        });
        hasMixed ||= isNew.includes(true) && isNew.includes(false);

        // What the run has kept brings it to its end; where it has not, it has not begun or is done.
        const journal = journalIn(folder);
        if (journal.isThere) {
          const { done, all } = await resumeChanges({ journal, verify: null });
          expect([done, all]).toEqual([isNew.filter(Boolean).length, FILES]);
        } else {
          expect(new Set(isNew).size, 'half of it, and nothing is kept').toBe(1);
          expect(spawnSync(process.execPath, [PROGRAM, folder.path]).status).toBe(0);
        }
        for (let index = 0; index < FILES; index += 1) expect(folder.text(`${index}.js`)).toBe(textOf('new', index));
        expect(readdirSync(folder.path)).toHaveLength(FILES);
      }
      expect(hasMixed, 'no kill came in the middle').toBe(true);
    },
    KILLS * 10_000,
  );
});

describe('what cannot be written', () => {
  /** A file system of its own, as large as is said, for the length of a command. */
  const ON_SMALL_DISK = [
    '-m',
    'sh',
    '-c',
    'mount -t tmpfs -o size=640k none "$1" && cp "$1.src"/* "$1" && shift && exec "$@"',
  ];
  const canMount =
    process.platform === 'linux' &&
    spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs -o size=64k none /mnt']).status === 0;

  test.skipIf(!canMount)('on a full disk nothing is lost: what was written is put back, or is new as a whole', () => {
    const folder = new ProjectFolder({});
    const disk = folder.file('disk');
    mkdirSync(disk);
    mkdirSync(`${disk}.src`);
    // All but the first fill the disk, so that there is no room for another one of them.
    writeFileSync(join(`${disk}.src`, '0.js'), 'const old = 1;\n');
    for (let index = 1; index < 8; index += 1) writeFileSync(join(`${disk}.src`, `${index}.js`), textOf('old', index));
    // The files are looked at while the disk is there.
    const script = `"$0" "$1" "$2" "$3"; echo "code $?"; cd "$2"; for file in *.js; do echo "$file $(grep -c old "$file") $(grep -c new "$file")"; done; ls -A`;
    const { stdout, stderr } = spawnSync(
      'unshare',
      [...ON_SMALL_DISK, 'sh', disk, 'sh', '-c', script, process.execPath, PROGRAM, disk, folder.path],
      { encoding: 'utf8' },
    );
    expect(stderr).toContain('could not be written');
    expect(stderr).toContain('ENOSPC');
    expect(stdout).toContain('code 5');
    expect(stdout.match(/^\d\.js \d+ \d+$/gm)).toHaveLength(8);
    for (const [, old, fresh] of stdout.matchAll(/^\d\.js (\d+) (\d+)$/gm))
      expect([Number(old) > 0, fresh]).toEqual([true, '0']);
    expect(stdout).not.toContain('.tmp');
  });

  test.skipIf(process.platform === 'win32')('stops it where it cannot even be kept, and all are as they were', () => {
    const folder = folderOfFiles(1);
    writeFileSync(folder.file('0.js'), 'const old = 1;\n');
    writeFileSync(folder.file('1.js'), textOf('old', 1));
    // In blocks of 512 bytes: the second file is larger than a file may be.
    const { stderr, status } = spawnSync(
      'sh',
      ['-c', `trap '' XFSZ; ulimit -f 16; exec "$0" "$1" "$2"`, process.execPath, PROGRAM, folder.path],
      { encoding: 'utf8' },
    );
    expect(stderr).toContain('could not be kept for a run that is killed: EFBIG');
    expect(stderr).toContain('Nothing was written');
    expect(status).toBe(5);
    expect(folder.text('0.js')).toBe('const old = 1;\n');
    expect(folder.text('1.js')).toBe(textOf('old', 1));
    expect(readdirSync(folder.path).toSorted()).toEqual(['0.js', '1.js']);
  });

  test('that a file has changed meanwhile is seen before anything is written', async () => {
    const folder = new ProjectFolder({ 'a.js': 'a', 'b.js': 'b' });
    const changes = [change(folder, 'a.js', 'A'), change(folder, 'b.js', 'B')];
    folder.write('b.js', 'saved by somebody');
    await expect(applyChanges(changes, { verify: null, journal: journalIn(folder) })).rejects.toThrow(
      'b.js has changed since it was read',
    );
    expect([folder.text('a.js'), folder.text('b.js')]).toEqual(['a', 'saved by somebody']);
  });

  test('that a file has gone meanwhile is said', async () => {
    const folder = new ProjectFolder({ 'a.js': 'a' });
    const missing: Change = { absolute: folder.file('gone.js'), before: 'x', after: 'y' };
    await expect(
      applyChanges([change(folder, 'a.js', 'A'), missing], { verify: null, journal: journalIn(folder) }),
    ).rejects.toThrow('gone.js');
    expect(folder.text('a.js')).toBe('a');
  });
});

describe('what is kept', () => {
  test.skipIf(process.platform === 'win32')('the mode of a file', async () => {
    const folder = new ProjectFolder({ 'tool.js': 'old' });
    chmodSync(folder.file('tool.js'), 0o751);
    await applyChanges([change(folder, 'tool.js', 'new')], { verify: null, journal: journalIn(folder) });
    expect(statSync(folder.file('tool.js')).mode & 0o777).toBe(0o751);
  });

  test('files of others that look like ours only a little', async () => {
    const folder = new ProjectFolder({
      'a.js': 'a',
      '.a.js.tmp': 'mine',
      '.a.js.unbusy-12.tmp': 'left by a killed run',
    });
    await applyChanges([change(folder, 'a.js', 'A')], { verify: null, journal: journalIn(folder) });
    expect(readdirSync(folder.path).toSorted()).toEqual(['.a.js.tmp', 'a.js']);
  });
});

test.skipIf(process.platform === 'win32')('an interrupted check has all files put back', async () => {
  const folder = new ProjectFolder({ 'a.js': 'a' });
  const verify = { command: 'kill -INT $PPID; sleep 0.2', cwd: folder.path };
  await expect(applyChanges([change(folder, 'a.js', 'A')], { verify, journal: journalIn(folder) })).rejects.toThrow(
    'Interrupted by SIGINT',
  );
  expect(readFileSync(folder.file('a.js'), 'utf8')).toBe('a');
});

test('a link is followed by who plans the change, not by who writes', async () => {
  const folder = new ProjectFolder({ 'real/a.js': 'a' });
  symlinkSync(folder.file('real/a.js'), folder.file('link.js'));
  await applyChanges([change(folder, 'real/a.js', 'A')], { verify: null, journal: journalIn(folder) });
  expect(folder.text('link.js')).toBe('A');
});

describe('a run that was killed while it wrote', () => {
  /** One of two files is written, as the journal tells. */
  function halfDone(): ProjectFolder {
    const folder = new ProjectFolder({ 'package.json': '{ "type": "module" }', 'a.js': 'a', 'b.js': 'b' });
    journalIn(folder).write([change(folder, 'a.js', 'A'), change(folder, 'b.js', 'B')]);
    folder.write('a.js', 'A');
    return folder;
  }

  test('is brought to its end by --resume', async () => {
    const folder = halfDone();
    const { code, output } = await codemod(folder.path, ['--resume']);
    expect([code, output]).toEqual([0, '1 of 2 files written; the others had been before the run was killed.\n']);
    expect([folder.text('a.js'), folder.text('b.js')]).toEqual(['A', 'B']);
    expect(journalIn(folder).isThere).toBe(false);
  });

  test('is put back as a whole where the check fails that it is brought to its end with', async () => {
    const folder = halfDone();
    const { code, errors } = await codemod(folder.path, ['--resume', '--verify', 'exit 3']);
    expect([code, errors]).toEqual([4, expect.stringContaining('All files are as they were')]);
    expect([folder.text('a.js'), folder.text('b.js')]).toEqual(['a', 'b']);
    expect(journalIn(folder).isThere).toBe(false);
  });

  test('is not brought to its end over what somebody has changed since', async () => {
    const folder = halfDone();
    folder.write('b.js', 'saved by somebody');
    const { code, errors } = await codemod(folder.path, ['--resume']);
    expect([code, errors]).toEqual([5, expect.stringContaining('b.js has changed since it was read')]);
    expect(folder.text('b.js')).toBe('saved by somebody');
    expect(journalIn(folder).isThere).toBe(true);
  });

  test.each([[[]], [['--write']]])('keeps another one from beginning: %j', async (args) => {
    const { code, errors } = await codemod(halfDone().path, args);
    expect([code, errors]).toEqual([5, expect.stringContaining('unbusy-codemod --resume')]);
  });

  test('that left something unreadable is told', async () => {
    const folder = halfDone();
    folder.write('.unbusy-codemod-journal.json', '{ "version": 1, "changes": [{ "path": 3 }] }');
    const { code, errors } = await codemod(folder.path, ['--resume']);
    expect([code, errors]).toEqual([
      2,
      expect.stringContaining('cannot be read: changes[0].path is not a text. Delete it'),
    ]);
  });

  test('is not there where nothing was killed', async () => {
    const folder = new ProjectFolder({ 'a.js': 'a' });
    const { code, errors } = await codemod(folder.path, ['--resume']);
    expect([code, errors]).toEqual([2, expect.stringContaining('There is nothing to resume')]);
  });
});

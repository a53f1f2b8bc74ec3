// npm run bench:codemod -- [--rounds N] [--sizes 200,2000]: what a migration costs, beside other tools.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../lint/statistics.mjs';
import { makeTree } from './tree.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const peers = join(root, '.cache/codemod-peers');
const here = fileURLToPath(new URL('.', import.meta.url));
const MEMORY = pathToFileURL(join(here, 'peak-memory.mjs')).href;

/** What is compared; the first is the measure of the others. Each is given a tree of its own to rewrite. */
const ARMS = {
  jscodeshift: (tree) => [
    join(peers, 'node_modules/jscodeshift/bin/jscodeshift.js'),
    ...['--transform', join(here, 'peers/transform.cjs'), '--extensions', 'js,mjs,cjs,jsx,ts,tsx,mts,cts', '--silent'],
    join(tree, 'src'),
  ],
  'ast-grep': (tree) => [join(here, 'peers/ast-grep.mjs'), join(tree, 'src'), peers],
  'unbusy-codemod': () => [join(root, 'dist/src/codemod/cli.js'), 'src', ...WRITE],
  'unbusy-codemod --no-types': () => [join(root, 'dist/src/codemod/cli.js'), 'src', ...WRITE, '--no-types'],
};
const WRITE = ['--write', '--allow-dirty', '--no-gitignore', '--suggestions'];

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, sizes: { type: 'string', default: '200,2000' } },
});

installPeers();
for (const size of values.sizes.split(',').map(Number)) {
  const figures = new Map(Object.keys(ARMS).map((arm) => [arm, []]));
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const arm of figures.keys()) figures.get(arm).push(measure(arm, size));
  print(size, figures);
}

/** One run over a new tree: seconds, and the most memory of any of its processes in MiB. */
function measure(arm, size) {
  const tree = join(root, '.cache/codemod-bench');
  const memory = join(root, '.cache/codemod-bench-memory');
  makeTree(tree, size);
  rmSync(memory, { force: true });
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', MEMORY, ...ARMS[arm](tree)], {
    cwd: tree,
    encoding: 'utf8',
    env: { ...process.env, PEAK_MEMORY_FILE: memory, NODE_OPTIONS: `--import=${MEMORY}` },
  });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${arm} ended with ${status}.\n${stderr}`);
  const peak = Math.max(...readFileSync(memory, 'utf8').trim().split('\n').map(Number));
  return { seconds, peak: peak / 1024 };
}

function print(size, figures) {
  const mid = (arm, figure) => median(figures.get(arm).map((run) => run[figure]));
  const [base] = figures.keys();
  console.log(`\n${size} files, a tenth of them with SQLite; medians of ${values.rounds} rounds`);
  console.log(`  ${''.padEnd(26)} seconds  of ${base}  peak MiB  of ${base}`);
  for (const arm of figures.keys()) {
    const [seconds, peak] = [mid(arm, 'seconds'), mid(arm, 'peak')];
    const ratio = (figure, value) => (value / mid(base, figure)).toFixed(2).padStart(`of ${base}`.length);
    console.log(
      `  ${arm.padEnd(26)} ${seconds.toFixed(2).padStart(7)}  ${ratio('seconds', seconds)}  ${peak.toFixed(0).padStart(8)}  ${ratio('peak', peak)}`,
    );
  }
}

function installPeers() {
  if (existsSync(join(peers, 'node_modules/jscodeshift'))) return;
  mkdirSync(peers, { recursive: true });
  copyFileSync(join(here, 'peers/package.json'), join(peers, 'package.json'));
  const options = { cwd: peers, stdio: 'inherit', shell: process.platform === 'win32' };
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund'], options);
  if (status !== 0) throw new Error('The peers could not be installed.');
}

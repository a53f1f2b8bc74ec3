// Writes the files of a folder as the codemod does, with each `old` turned into `new`; a test kills it at any moment.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyChanges } from '../../dist/src/codemod/write/apply.js';

const [folder = '.'] = process.argv.slice(2);
const changes = readdirSync(folder)
  .filter((name) => name.endsWith('.js'))
  .map((name) => {
    const absolute = join(folder, name);
    const before = readFileSync(absolute, 'utf8');
    return { absolute, before, after: before.replaceAll('old', 'new') };
  });
process.stdout.write('ready\n');
try {
  await applyChanges(changes, { verify: null });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode ?? 1;
}

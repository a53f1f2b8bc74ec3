// Writes the files of a folder as the codemod does, with each `old` turned into `new`; a test kills it at any moment. A second
// folder is that of the journal, where it is not the same.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyChanges } from '../../dist/src/codemod/write/apply.js';
import { Journal } from '../../dist/src/codemod/write/journal.js';

const [folder = '.', journal = folder] = process.argv.slice(2);
const changes = readdirSync(folder)
  .filter((name) => name.endsWith('.js'))
  .map((name) => {
    const absolute = join(folder, name);
    const before = readFileSync(absolute, 'utf8');
    return { absolute, before, after: before.replaceAll('old', 'new') };
  });
process.stdout.write('ready\n');
try {
  await applyChanges(changes, { verify: null, journal: new Journal(journal) });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode ?? 1;
}

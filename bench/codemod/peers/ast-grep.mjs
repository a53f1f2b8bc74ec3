// The same rewrite by patterns: node ast-grep.mjs FOLDER MODULES, where MODULES is the folder with ast-grep in it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';

const [folder, modules] = process.argv.slice(2);
const { Lang, parse } = createRequire(join(modules, 'package.json'))('@ast-grep/napi');
const ENTRIES = { 'better-sqlite3': 'unbusy/better-sqlite3', 'node:sqlite': 'unbusy/node-sqlite' };

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/^\.[cm]?[jt]sx?$/.test(extname(entry.name))) continue;
  const path = join(entry.parentPath, entry.name);
  const text = readFileSync(path, 'utf8');
  const root = parse(/tsx?$/.test(path) ? Lang.TypeScript : Lang.JavaScript, text).root();
  const edits = [];
  for (const [module, wrapper] of Object.entries(ENTRIES)) {
    const named = root.find(`import $NAME from '${module}'`) ?? root.find(`import { $NAME } from '${module}'`);
    const name = named?.getMatch('NAME')?.text();
    if (!named || !name) continue;
    const opens = root.findAll(`new ${name}($$$ARGS)`);
    for (const open of opens) edits.push(open.replace(open.text().replace(`new ${name}(`, 'openDatabase(')));
    if (opens.length > 0) edits.push(named.replace(`${named.text()}\nimport { openDatabase } from '${wrapper}';`));
  }
  if (edits.length > 0) writeFileSync(path, root.commitEdits(edits));
}

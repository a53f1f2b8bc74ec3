// A second process with a connection to a file: runs each line as SQL and answers 'ok' or the error's code.
// `later N SQL` answers at once and runs the SQL after N milliseconds.
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';

const db = new Database(process.argv[2], { timeout: 0 });
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [, delay, later] = /^later (\d+) (.*)$/.exec(line) ?? [];
  if (later !== undefined) setTimeout(() => db.exec(later), Number(delay));
  console.log(later === undefined ? run(line) : 'ok');
});
lines.on('close', () => db.close());

function run(sql) {
  try {
    db.exec(sql);
    return 'ok';
  } catch (error) {
    return error.code;
  }
}

/** All of the demo, once the dependencies are there: the parts that it is made of need them. */
import { build } from './build.mjs';
import { expectSafe, printComparison } from './comparison.mjs';
import { explain, printExplanation } from './explanation.mjs';
import { lint, printFindings } from './findings.mjs';
import { runOwnTests, runUnderContention } from './example.mjs';
import { fixedTasks, printFixes } from './fixes.mjs';
import { migratedTasks } from './migration.mjs';
import { FIXED, LEGACY, MIGRATED, SAFE } from './paths.mjs';
import { heading, say } from './terminal.mjs';

export async function demo() {
  build();

  heading('The application alone');
  say(`examples/legacy-tasks is a task queue on two SQLite files. Its own tests run one task at a time.`);
  runOwnTests(LEGACY);

  heading('The application under contention');
  say(`Now several worker processes share the files. The five minutes of a model call are three seconds here.`);
  const summary = await runUnderContention(LEGACY);

  heading('What the rules find in its code');
  const findings = await lint(LEGACY);
  printFindings(findings);

  heading('What explains the failures');
  printExplanation(explain(summary, findings));

  heading('What eslint --fix changes');
  say(`Only what can be changed without anything else changing; these files, and one of them as an example:`);
  console.log();
  printFixes(await fixedTasks(FIXED), 'src/queue/heartbeat.ts');
  console.log();
  runOwnTests(FIXED);

  heading('What unbusy-codemod makes of it');
  say(`One command migrates the application, with what needs a decision decided, and its types checked before
    anything is written.`);
  console.log();
  console.log(migratedTasks(MIGRATED));
  runOwnTests(MIGRATED);
  const migrated = { summary: await runUnderContention(MIGRATED), findings: await lint(MIGRATED) };

  heading('The same application on the safe wrapper');
  say(`examples/safe-tasks has the files as somebody writes them for the package unbusy. The load is the same, and its own tests
    are joined by those of waiting for others without a transaction.`);
  runOwnTests(SAFE);
  const safe = { summary: await runUnderContention(SAFE), findings: await lint(SAFE) };

  heading('Before and after');
  printComparison({ 'legacy-tasks': { summary, findings }, migrated, 'safe-tasks': safe });
  expectSafe('the migrated application', migrated);
  expectSafe('the application on the wrapper', safe);
}

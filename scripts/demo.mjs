/**
 * Shows on the example application what unbusy is for: `npm run demo`. The application fails under contention, the
 * rules name the code that makes it fail, `--fix` changes what is safe to change, and on the safe wrapper it does not fail. Exits with an error where any of this
 * does not happen.
 */
import { ensureInstalled } from './install.mjs';
import { build } from './demo/build.mjs';
import { expectSafe, printComparison } from './demo/comparison.mjs';
import { explain, printExplanation } from './demo/explanation.mjs';
import { lint, printFindings } from './demo/findings.mjs';
import { runOwnTests, runUnderContention } from './demo/example.mjs';
import { fixedTasks, printFixes } from './demo/fixes.mjs';
import { FIXED, LEGACY, SAFE } from './demo/paths.mjs';
import { heading, say } from './demo/terminal.mjs';

try {
  heading('Set up');
  ensureInstalled();
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

  heading('The same application on the safe wrapper');
  say(`examples/safe-tasks has the files that change for the package unbusy. The load is the same, and its own tests
    are joined by those of waiting for others without a transaction.`);
  runOwnTests(SAFE);
  const safe = { summary: await runUnderContention(SAFE), findings: await lint(SAFE) };

  heading('Without and with the wrapper');
  printComparison({ summary, findings }, safe);
  expectSafe(safe);
} catch (error) {
  console.error(`\nThe demo stopped: ${error.message}`);
  process.exitCode = 1;
}

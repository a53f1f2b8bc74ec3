/**
 * Shows on the example application what unbusy is for: `npm run demo`. The application fails under contention, and the
 * rules name the code that makes it fail. Exits with an error where either does not happen.
 */
import { ensureInstalled } from './install.mjs';
import { build } from './demo/build.mjs';
import { explain, printExplanation } from './demo/explanation.mjs';
import { lint, printFindings } from './demo/findings.mjs';
import { runOwnTests, runUnderContention } from './demo/example.mjs';
import { heading, say } from './demo/terminal.mjs';

try {
  heading('Set up');
  ensureInstalled();
  build();

  heading('The application alone');
  say(`examples/legacy-tasks is a task queue on two SQLite files. Its own tests run one task at a time.`);
  runOwnTests();

  heading('The application under contention');
  say(`Now several worker processes share the files. The five minutes of a model call are three seconds here.`);
  const summary = await runUnderContention();

  heading('What the rules find in its code');
  const findings = await lint();
  printFindings(findings);

  heading('What explains the failures');
  printExplanation(explain(summary, findings));
} catch (error) {
  console.error(`\nThe demo stopped: ${error.message}`);
  process.exitCode = 1;
}

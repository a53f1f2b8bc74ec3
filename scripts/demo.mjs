/**
 * Shows on the example application what unbusy is for: `npm run demo`. The application fails under contention, the
 * rules name the code that makes it fail, `--fix` changes what is safe to change, the codemod migrates all of it, and then
 * it does not fail, as it does not where somebody has written it for the wrapper. Exits with an error where any of this
 * does not happen.
 */
import { ensureInstalled } from './install.mjs';
import { heading } from './demo/terminal.mjs';

try {
  heading('Set up');
  ensureInstalled();
  // It imports what has just been installed.
  const { demo } = await import('./demo/demo.mjs');
  await demo();
} catch (error) {
  console.error(`\nThe demo stopped: ${error.message}`);
  process.exitCode = 1;
}

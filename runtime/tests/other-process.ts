import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What another process does with a file of ours; see `other-process.mjs`. */
export interface OtherProcess {
  readonly process: ChildProcess;
  /** Sends a command and waits for its answer. */
  ask(command: string): Promise<string>;
  end(): Promise<void>;
}

/** The Node that the installed drivers are built for, where these tests run on another runtime (scripts/check-runtimes.mjs). */
const node = process.env.UNBUSY_TEST_NODE ?? process.execPath;

/** Starts a real second process with a connection to the file (better-sqlite3, busy timeout 0). */
export async function otherProcess(file: string): Promise<OtherProcess> {
  const child = spawn(node, [fileURLToPath(new URL('other-process.mjs', import.meta.url)), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (command: string): Promise<string> => {
    child.stdin.write(`${command}\n`);
    const { value } = (await lines.next()) as { value?: string };
    if (value === undefined) throw new Error('The other process has ended.');
    return value;
  };
  await ask('SELECT 1');
  return {
    process: child,
    ask,
    end: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) resolve();
        else {
          child.once('exit', () => resolve());
          child.stdin.end();
        }
      }),
  };
}

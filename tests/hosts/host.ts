import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ESLint } from 'eslint';

const run = promisify(execFile);
const FIXTURES = fileURLToPath(new URL('fixtures/', import.meta.url));

/** Where each command lies in its package. */
const COMMANDS = {
  eslint: 'eslint/bin/eslint.js',
  oxlint: 'oxlint/bin/oxlint',
  tsc: 'typescript/bin/tsc',
};

interface Outcome {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** What an installed package says about itself in npm's own list. */
interface Installed {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A project of somebody else, in a folder of its own outside of this repository, that installs the packed plugin. */
export class Host {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'unbusy-host-'));

  /** `dependencies` by name and version. */
  async install(tarball: string, dependencies: Readonly<Record<string, string>>): Promise<void> {
    const devDependencies = { 'eslint-plugin-unbusy': `file:${tarball}`, ...dependencies };
    this.write('package.json', JSON.stringify({ private: true, type: 'module', devDependencies }));
    // On Windows npm is a script, which only a shell can start.
    const shell = process.platform === 'win32';
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: this.folder, shell });
  }

  /** Copies a fixture; without a target it lands in the folder itself. */
  copy(fixture: string, target = ''): void {
    cpSync(join(FIXTURES, fixture), join(this.folder, target), { recursive: true });
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** Findings of ESLint, each as `jobs.js:4 require-close`. */
  async eslint(...parameters: string[]): Promise<string[]> {
    const { output, errors } = await this.run('eslint', ...parameters, '--format', 'json');
    if (!output) throw new Error(errors);
    const results = JSON.parse(output) as ESLint.LintResult[];
    return results
      .flatMap(({ filePath, messages }) =>
        messages.map(({ ruleId, line, message }) => this.#finding(filePath, line, ruleId ?? message)),
      )
      .sort();
  }

  /** Findings of oxlint, in the same form. */
  async oxlint(...parameters: string[]): Promise<string[]> {
    const { output, errors } = await this.run('oxlint', ...parameters, '--format', 'json');
    if (!output) throw new Error(errors);
    const { diagnostics } = JSON.parse(output) as {
      diagnostics: { code?: string; message: string; filename: string; labels: { span: { line: number } }[] }[];
    };
    return diagnostics
      .map(({ code, message, filename, labels }) =>
        // `unbusy(require-close)`
        this.#finding(
          join(this.folder, filename),
          labels[0]?.span.line ?? 0,
          code?.replace(/\((.*)\)/, '/$1') ?? message,
        ),
      )
      .sort();
  }

  async run(command: keyof typeof COMMANDS, ...parameters: string[]): Promise<Outcome> {
    const script = join(this.folder, 'node_modules', ...COMMANDS[command].split('/'));
    try {
      const options = { cwd: this.folder, maxBuffer: 64 << 20 };
      const { stdout, stderr } = await run(process.execPath, [script, ...parameters], options);
      return { status: 0, output: stdout, errors: stderr };
    } catch (problem) {
      const { code, stdout, stderr } = problem as { code: number; stdout: string; stderr: string };
      return { status: code, output: stdout, errors: stderr };
    }
  }

  /** Names of all that was installed. */
  installed(): string[] {
    return [...this.#installed().keys()];
  }

  /** Names of what was installed for the plugin alone, itself included. */
  installedForPlugin(): string[] {
    const all = this.#installed();
    const found = new Set<string>();
    const follow = (name: string): void => {
      const entry = all.get(name);
      if (!entry || found.has(name)) return;
      found.add(name);
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }).forEach(follow);
    };
    follow('eslint-plugin-unbusy');
    return [...found].sort();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #installed(): Map<string, Installed> {
    const list = JSON.parse(readFileSync(join(this.folder, 'node_modules', '.package-lock.json'), 'utf8')) as {
      packages: Record<string, Installed>;
    };
    return new Map(
      Object.entries(list.packages).map(([path, entry]) => [path.slice(path.lastIndexOf('node_modules/') + 13), entry]),
    );
  }

  #finding(path: string, line: number, rule: string): string {
    return `${relative(this.folder, path).split(sep).join('/')}:${line} ${rule.replace('unbusy/', '')}`;
  }
}

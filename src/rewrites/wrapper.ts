import { createRequire } from 'node:module';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { unbusy, WRAPPER_NAMES, type WrapperNames } from '../drivers/unbusy.ts';
import { settingsOf } from '../settings.ts';
import type { Rule } from 'eslint';
import type { Driver } from '../drivers/driver.ts';

/** The module that rewritten code opens its connections with. */
export interface Wrapper {
  /** As this file imports it. */
  readonly module: string;
  readonly names: WrapperNames;
  /** It is there: code that imports it runs. */
  readonly isInstalled: boolean;
}

/** The project's own wrapper, if its settings name one, or else the entry of the `unbusy` package for a driver. */
export function wrapperFor(context: Rule.RuleContext, driver: Driver): Wrapper | null {
  const { wrapper } = settingsOf(context);
  if (!wrapper) {
    const entry = unbusy.find(({ id }) => id === driver.id)?.modules[0];
    if (entry === undefined) return null;
    return { module: entry, names: WRAPPER_NAMES, isInstalled: isInstalled(entry, context.filename) };
  }
  if (wrapper.driver !== undefined && wrapper.driver !== driver.id) return null;
  const names = { ...WRAPPER_NAMES, ...wrapper.names };
  return { module: specifierOf(wrapper.module, context), names, isInstalled: true };
}

function specifierOf(module: string, context: Rule.RuleContext): string {
  if (!module.startsWith('.') && !isAbsolute(module)) return module;
  const path = relative(dirname(context.filename), resolve(context.cwd, module)).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}

/** By folder and module: what is installed does not change while files are linted. */
const installed = new Map<string, boolean>();

/** Whether the package of a module can be found from a file. */
export function isInstalled(module: string, filename: string): boolean {
  const key = `${dirname(filename)}\0${module}`;
  let answer = installed.get(key);
  if (answer === undefined) {
    try {
      createRequire(isAbsolute(filename) ? filename : resolve(filename)).resolve(
        `${/^(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? module}/package.json`,
      );
      answer = true;
    } catch {
      answer = false;
    }
    installed.set(key, answer);
  }
  return answer;
}

import { analyze, type AnalysisSettings } from '../../analysis/index.ts';
import type { SourceCode } from 'eslint';
import type { ConnectionPlace } from '../model.ts';
import type { SourceText } from './plan.ts';

/** The calls of a file that open a database which somebody else can lock. */
export function connectionsIn(
  code: SourceCode,
  { path, absolute, text }: SourceText,
  settings: AnalysisSettings,
  root: string,
): readonly ConnectionPlace[] {
  // The same tree by another declaration.
  const facts = analyze({ path: absolute, text, ast: code.ast as never, workingDirectory: root }, settings);
  return (facts?.opens ?? []).flatMap(({ site, driver, lives }): ConnectionPlace[] => {
    const life = lives.find(({ settings: { alone } }) => alone !== 'yes');
    if (!life || site.module.path !== absolute) return [];
    const { file, journal, timeout, readOnly } = life.settings;
    return [
      {
        path,
        line: code.getLocFromIndex(site.node.range[0]).line,
        driver: driver.id,
        database: file,
        journal,
        busyTimeout: timeout === 'unset' ? driver.defaultBusyTimeout : timeout,
        readOnly: readOnly === 'yes',
      },
    ];
  });
}

import { writeFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { CodemodError, EXIT } from '../exit-codes.ts';
import { folderInRepository } from '../files/git.ts';
import { htmlReport } from './html.ts';
import { jsonReport } from './json.ts';
import { markdownReport } from './markdown.ts';
import { sarifReport } from './sarif.ts';
import { analysisText, PLAIN } from './text.ts';
import type { Run } from '../model.ts';

/** The formats of a report, by the extension of its file; `root` is the folder of the run. */
export const REPORT_FORMATS: Readonly<Record<string, (run: Run, root: string) => string>> = {
  '.txt': (run) => analysisText(run, PLAIN),
  '.md': markdownReport,
  '.html': htmlReport,
  '.json': jsonReport,
  '.sarif': (run, root) => sarifReport(run, { folder: folderInRepository(root) }),
};

/** Writes the reports that were asked for. Throws `CodemodError` where a file cannot be written. */
export function writeReports(root: string, files: readonly string[], run: Run): void {
  for (const file of files) {
    const format = REPORT_FORMATS[extname(file)];
    if (!format) continue;
    try {
      writeFileSync(resolve(root, file), format(run, root));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CodemodError(EXIT.writing, `The report ${file} could not be written: ${why}`, { cause: error });
    }
  }
}

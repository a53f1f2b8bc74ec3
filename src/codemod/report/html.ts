import { analysisOf } from './analysis.ts';
import { causes, databases, files, left, notes, phases, summary, tests, unseen } from './html-analysis.ts';
import { diffs, problemAreas } from './html-places.ts';
import { SCRIPT } from './html-script.ts';
import { STYLE } from './html-style.ts';
import { html, Markup } from './html-text.ts';
import type { Run } from '../model.ts';

/** The analysis of a run as one page that needs nothing else: it may be mailed, or kept as an artefact of a build. */
export function htmlReport(run: Run): string {
  const analysis = analysisOf(run);
  const chapters = (
    [
      ['databases', 'Databases', databases(analysis)],
      ['causes', 'Root causes', causes(analysis)],
      ['changes', 'Recommended changes', phases(analysis)],
      ['files', 'Files that need change', files(analysis)],
      ['places', 'Problem areas', problemAreas(run, analysis)],
      ['left', 'Left alone, and why', left(analysis)],
      ['diffs', run.written ? 'What was changed' : 'What would change', diffs(run)],
      ['unseen', 'Not looked at', unseen(run)],
      ['notes', 'Notes', notes(run)],
      ['tests', 'How to test it', tests(analysis)],
    ] as const
  ).filter(([, , body]) => body !== null);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
        />
        <title>SQLite lock hazards</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">To the analysis</a>
        <header class="top">
          <h1>SQLite lock hazards</h1>
          <p class="dim">
            ${run.tool.name}
            ${run.tool.version}${run.written ? ', with its rewrites in the files' : ', nothing changed'}
          </p>
        </header>
        <div class="page">
          <nav aria-label="Chapters">
            <ul>
              ${chapters.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ul>
          </nav>
          <main id="main">
            ${summary(run, analysis)}
            ${chapters.map(
              ([id, title, body]) =>
                html`<section id="${id}" aria-labelledby="${id}-title">
                  <h2 id="${id}-title">${title}</h2>
                  ${body}
                </section> `,
            )}
          </main>
        </div>
        <script>
          ${new Markup(SCRIPT)};
        </script>
      </body>
    </html> `.text;
}

import { unifiedDiff } from '../terminal/diff.ts';
import { SKIPS, type FileReport, type Run } from '../model.ts';
import { analysisOf, reasonText, type Analysis, type Found, type Phase } from './analysis.ts';
import { html, Markup, prose } from './html-text.ts';
import { SCRIPT, STYLE } from './html-style.ts';

/** Lines of code above and below a place. */
const AROUND = 2;

/** The analysis of a run as one page that needs nothing else: it may be mailed, or kept as an artefact of a build. */
export function htmlReport(run: Run): string {
  const analysis = analysisOf(run);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; form-action 'none'"
        />
        <title>SQLite lock hazards</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <h1>SQLite lock hazards</h1>
        <p class="dim">${run.tool.name} ${run.tool.version}</p>
        ${figures(run, analysis)} ${databases(analysis)} ${causes(analysis)} ${phases(analysis)} ${sites(run)}
        ${diffs(run)} ${skipped(run)} ${tests(analysis)}
        <script>
          ${new Markup(SCRIPT)};
        </script>
      </body>
    </html> `.text;
}

function figures(run: Run, { hazards, changed }: Analysis): Markup {
  const left = run.files.flatMap(({ sites }) => sites).filter(({ outcome }) => outcome.kind === 'left').length;
  const figure = (number: number, what: string): Markup => html`<li><strong>${number}</strong>${prose(what)}</li>`;
  return html`<ul class="figures">
    ${[
      figure(run.examined, 'files looked at'),
      figure(hazards, 'hazards'),
      figure(hazards - left, run.written ? 'rewritten' : 'would be rewritten'),
      figure(left, 'left alone, with a reason'),
      figure(changed.length, run.written ? 'files changed' : 'files would change'),
    ]}
  </ul>`;
}

function databases({ databases }: Analysis): Markup | null {
  if (databases.length === 0) return null;
  const rows = databases.flatMap(({ database, places }) =>
    places.map(
      ({ path, line, journal, busyTimeout, driver }) =>
        html`<tr>
          <td>${database ?? 'unknown'}</td>
          <td><code>${path}:${line}</code></td>
          <td>${journal === 'unset' ? 'not set' : journal}</td>
          <td>${busyTimeout === 'unknown' ? 'unknown' : `${busyTimeout} ms`}</td>
          <td>${driver}</td>
        </tr>`,
    ),
  );
  const problems = databases.flatMap(({ database, problems }) =>
    problems.map((problem) => html`<li><strong>${database}</strong>: ${prose(problem)}</li>`),
  );
  return html`<h2>Databases</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Database</th>
            <th scope="col">Opened at</th>
            <th scope="col">Journal</th>
            <th scope="col">Busy timeout</th>
            <th scope="col">Driver</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${
      problems.length > 0
        ? html`<ul>
            ${problems}
          </ul>`
        : null
    }`;
}

function causes({ causes }: Analysis): Markup | null {
  if (causes.length === 0) return null;
  return html`<h2>Root causes</h2>
    ${causes.map(
      ({ title, rule, effect, cure, places }) =>
        html`<h3>${title} (${places.length})</h3>
          <p>${prose(effect)}</p>
          <p><strong>Cure:</strong> ${prose(cure)}</p>
          <p class="dim"><code>${rule}</code>: ${listed(places)}</p>`,
    )}`;
}

function phases({ phases }: Analysis): Markup | null {
  if (phases.length === 0) return null;
  const phase = ({ title, risk, how, changes }: Phase, index: number): Markup =>
    html`<h3>Phase ${index + 1}: ${title}</h3>
      <p><strong>Risk:</strong> ${risk}. ${prose(how)}</p>
      <ul>
        ${changes.map(({ what, places }) => html`<li>${prose(what)} <span class="dim">${listed(places)}</span></li>`)}
      </ul>`;
  return html`<h2>Recommended changes</h2>
    ${phases.map(phase)}`;
}

function listed(places: readonly Found[]): string {
  return places.map(({ path, site }) => `${path}:${site.place.line}`).join(', ');
}

function sites(run: Run): Markup | null {
  const found = run.files.flatMap((file) => file.sites.map((site) => ({ file, site })));
  if (found.length === 0) return null;
  const rules = [...new Set(found.map(({ site }) => site.rule))].toSorted();
  return html`<h2 id="places">Places</h2>
    <form class="filters" aria-label="Filter the places">
      <label>Text or file<input type="search" name="text" autocomplete="off" /></label>
      <label
        >Rule<select name="rule">
          <option value="">all</option>
          ${rules.map((rule) => html`<option>${rule}</option>`)}
        </select></label
      >
      <label
        >Outcome<select name="outcome">
          <option value="">all</option>
          <option>rewritten</option>
          <option>left</option>
        </select></label
      >
      <button type="reset">Show all</button><output class="dim" aria-live="polite"></output>
    </form>
    ${found.map(({ file, site }) => article(file, site))}`;
}

function article(file: FileReport, site: FileReport['sites'][number]): Markup {
  const { rule, message, place, outcome } = site;
  const what = outcome.kind === 'rewritten' ? outcome.text : reasonText(outcome);
  const text = [file.path, rule, message, what].join(' ').toLowerCase();
  const suggestions = outcome.kind === 'left' ? outcome.suggestions : [];
  return html`<article data-rule="${rule}" data-outcome="${outcome.kind}" data-text="${text}">
    <header>
      <span class="place">${file.path}:${place.line}</span><code>${rule}</code
      ><span class="badge ${outcome.kind}">${outcome.kind}</span>
    </header>
    <div>
      <p>${prose(message)}</p>
      <p class="${outcome.kind}">${prose(what)}</p>
      ${suggestions.map((suggestion) => html`<p>Possible: ${prose(suggestion)}</p>`)}
      ${frame(site.isNew ? file.after : file.before, place.line, place.endLine)}
    </div>
  </article> `;
}

/** The code of a place with the lines around it. */
function frame(text: string, from: number, to: number): Markup {
  const lines = text.split(/\r?\n/);
  const first = Math.max(1, from - AROUND);
  const shown = lines.slice(first - 1, Math.min(to, from + 10) + AROUND);
  return html`<pre>
${shown.map((line, index) => {
      const number = first + index;
      return html`<span${number >= from && number <= to ? new Markup(' class="hit"') : null}><span class="number">${number}</span>${line}</span>`;
    })}</pre>`;
}

const LINE_KINDS: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'hunk' };

function diffs({ files }: Run): Markup | null {
  const changed = files.filter(({ before, after }) => before !== after);
  if (changed.length === 0) return null;
  return html`<h2>Files that change</h2>
    ${changed.map(({ path, before, after }) => {
      const lines = unifiedDiff(path, before, after).trimEnd().split('\n').slice(2);
      const spans = lines.map((line) => html`<span class="${LINE_KINDS[line.charAt(0)] ?? ''}">${line}</span>`);
      return html`<details>
        <summary>${path}</summary>
        <pre>${spans}</pre>
      </details>`;
    })}`;
}

function skipped({ skipped, notes }: Run): Markup | null {
  const items = [
    ...skipped.map(
      ({ path, why, detail }) =>
        html`<li><code>${path}</code>: ${SKIPS[why]}${detail === null ? '' : ` (${detail})`}</li>`,
    ),
    ...notes.map(
      ({ path, line, text }) => html`<li><code>${line === null ? path : `${path}:${line}`}</code>: ${text}</li>`,
    ),
  ];
  return items.length > 0
    ? html`<h2>Not looked at, and notes</h2>
        <ul>
          ${items}
        </ul>`
    : null;
}

function tests({ tests }: Analysis): Markup | null {
  return tests.length > 0
    ? html`<h2>How to test it</h2>
        <ul>
          ${tests.map((test) => html`<li>${prose(test)}</li>`)}
        </ul>`
    : null;
}

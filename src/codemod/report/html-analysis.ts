import { phasesText, skipText } from './text.ts';
import { JOURNALS, spotOf, waitOf, type DatabaseUse } from './databases.ts';
import { spot, type Found } from './found.ts';
import { html, prose, type Markup } from './html-text.ts';
import { count } from './words.ts';
import type { Analysis, RootCause } from './analysis.ts';
import type { ConnectionPlace, Run } from '../model.ts';
import type { Phase } from './phases.ts';

/** What all comes to, in numbers and in words. */
export function summary(run: Run, { summary, hazards, rewritten, decisions, byHand }: Analysis): Markup {
  const parts = [
    ['rewritten', rewritten, run.written ? 'rewritten' : 'can be rewritten'],
    ['decisions', decisions, 'to be decided'],
    ['hand', byHand, 'by hand'],
  ] as const;
  const told = parts.filter(([, number]) => number > 0);
  return html`<p class="lead">${summary.join(' ')}</p>
    ${
      hazards > 0
        ? html`<div class="bar" aria-hidden="true">
            ${told.map(([kind, number]) => html`<span class="${kind}" style="flex-grow: ${number}"></span>`)}
          </div>`
        : null
    }
    <ul class="figures">
      <li><strong>${run.examined}</strong> ${run.examined === 1 ? 'file' : 'files'} looked at</li>
      <li><strong>${hazards}</strong> ${hazards === 1 ? 'hazard' : 'hazards'}</li>
      ${told.map(([kind, number, what]) => html`<li class="${kind}"><strong>${number}</strong> ${what}</li>`)}
    </ul>`;
}

export function databases({ databases }: Analysis): Markup | null {
  if (databases.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of databases">
      <table>
        <thead>
          <tr>
            <th scope="col">Database</th>
            <th scope="col">Opened at</th>
            <th scope="col">Journal mode</th>
            <th scope="col">Busy timeout</th>
            <th scope="col">Driver</th>
          </tr>
        </thead>
        <tbody>
          ${databases.flatMap((use) => use.places.map((place) => row(use, place)))}
        </tbody>
      </table>
    </div>
    ${databases.flatMap(({ database, problems }) =>
      problems.map(
        (problem) => html`<p class="problem"><strong>${database ?? 'File not known'}</strong>: ${prose(problem)}</p>`,
      ),
    )}`;
}

function row({ database, lacksWal }: DatabaseUse, place: ConnectionPlace): Markup {
  const { journal, busyTimeout, readOnly, driver } = place;
  return html`<tr>
    <th scope="row">${database ?? 'not known'}</th>
    <td><code>${spotOf(place)}</code>${readOnly ? ' read-only' : null}</td>
    <td class="${journal === 'wal' ? 'good' : lacksWal || journal === 'other' ? 'bad' : ''}">${JOURNALS[journal]}</td>
    <td class="${busyTimeout === 0 ? 'bad' : ''}">${waitOf(place)}</td>
    <td>${driver}</td>
  </tr>`;
}

export function causes({ chapters }: Analysis): Markup | null {
  if (chapters.length === 0) return null;
  return html`${chapters.map(
    ({ title, causes }) =>
      html`<h3>${title}</h3>
        ${causes.map(cause)}`,
  )}`;
}

function cause({ title, level, rule, effect, cure, places }: RootCause): Markup {
  return html`<div class="card ${level}">
    <h4>${title} <small>${count(places.length, 'place')}</small></h4>
    <p>${prose(effect)}</p>
    <p><strong>Cure.</strong> ${prose(cure)}</p>
    <p class="evidence"><code class="rule ${level}">${rule}</code> ${linked(places)}</p>
  </div>`;
}

export function phases({ phases }: Analysis): Markup | null {
  if (phases.length === 0) return null;
  return html`<ol class="phases">
    ${phases.map(phase)}
  </ol>`;
}

function phase({ title, risk, why, how, changes, files }: Phase): Markup {
  return html`<li>
    <h3>
      ${title} <span class="badge ${risk.toLowerCase()}">${risk.toLowerCase()} risk</span>
      <small>${count(files.length, 'file')}</small>
    </h3>
    <p>The risk is ${risk.toLowerCase()}, as ${prose(why)}. ${prose(how)}</p>
    <ul>
      ${changes.map(({ what, places }) => html`<li>${prose(what)} <span class="evidence">${linked(places)}</span></li>`)}
    </ul>
  </li>`;
}

export function files({ files }: Analysis): Markup | null {
  if (files.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of files">
    <table>
      <thead>
        <tr>
          <th scope="col">File</th>
          <th scope="col">Hazards</th>
          <th scope="col">What is to be done</th>
        </tr>
      </thead>
      <tbody>
        ${files.map(
          ({ path, hazards, phases }) =>
            html`<tr>
              <th scope="row"><code>${path}</code></th>
              <td>${hazards}</td>
              <td>${phasesText(phases)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function left({ left }: Analysis): Markup | null {
  if (left.length === 0) return null;
  return html`<dl>
    ${left.map(
      ({ reason, meaning, places }) =>
        html`<dt><code>${reason}</code> <small>${count(places.length, 'place')}</small></dt>
          <dd>${prose(meaning)} <span class="evidence">${linked(places)}</span></dd>`,
    )}
  </dl>`;
}

export function unseen({ skipped }: Run): Markup | null {
  if (skipped.length === 0) return null;
  return html`<ul>
    ${skipped.map((skip) => html`<li><code>${skip.path}</code>: ${prose(skipText(skip))}</li>`)}
  </ul>`;
}

export function notes({ notes }: Run): Markup | null {
  if (notes.length === 0) return null;
  return html`<ul>
    ${notes.map(
      ({ path, line, text }) => html`<li><code>${line === null ? path : `${path}:${line}`}</code>: ${prose(text)}</li>`,
    )}
  </ul>`;
}

export function tests({ tests }: Analysis): Markup | null {
  if (tests.length === 0) return null;
  return html`<ol>
    ${tests.map((test) => html`<li>${prose(test)}</li>`)}
  </ol>`;
}

function linked(places: readonly Found[]): Markup {
  return html`${places.map((found, index) => html`${index > 0 ? ', ' : null}<a href="#p-${found.site.fingerprint}">${spot(found)}</a>`)}`;
}

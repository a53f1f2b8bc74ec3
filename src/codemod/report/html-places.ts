import { outcomeText, type Analysis } from './analysis.ts';
import { levelOf } from './causes.ts';
import { isThere, textOf, type Found } from './found.ts';
import { highlighted } from './highlight.ts';
import { codeFrame, diffTable, sizeOf } from './html-code.ts';
import { html, prose, type Markup } from './html-text.ts';
import { count } from './words.ts';
import type { FileReport, Run } from '../model.ts';

/** Each place, by file, with its code; a form filters them. */
export function problemAreas(run: Run, { areas }: Analysis): Markup | null {
  if (areas.length === 0) return null;
  const files = new Map(run.files.map((file) => [file.path, file]));
  const rules = [...new Set(areas.flatMap(({ places }) => places.map(({ site }) => site.rule)))].toSorted();
  return html`<form id="filters" role="search" aria-label="Filter the places">
      <label class="wide"
        >Text <input type="search" name="text" autocomplete="off" placeholder="message, function, reason"
      /></label>
      ${choice('Rule', 'rule', rules)} ${choice('Outcome', 'outcome', ['rewritten', 'left'])}
      ${choice('File', 'file', areas.map(({ path }) => path).toSorted())}
      <button type="reset">Show all</button>
      <output aria-live="polite">${count(areas.flatMap(({ places }) => places).length, 'place')}</output>
    </form>
    ${areas.map(({ path, places }) => area(run, files.get(path), path, places))}
    <p id="nothing" hidden>No place matches.</p>`;
}

function choice(label: string, name: string, values: readonly string[]): Markup {
  return html`<label
    >${label}
    <select name="${name}">
      <option value="">all</option>
      ${values.map((value) => html`<option>${value}</option>`)}
    </select></label
  >`;
}

function area(run: Run, file: FileReport | undefined, path: string, places: readonly Found[]): Markup {
  const coloured = new Map<string, readonly Markup[]>();
  const linesOf = (text: string): readonly Markup[] => {
    const lines = coloured.get(text) ?? highlighted(text);
    coloured.set(text, lines);
    return lines;
  };
  return html`<section class="area" data-file="${path}" aria-label="${path}">
    <h3><code>${path}</code> <small>${count(places.length, 'place')}</small></h3>
    ${places.map((found) => article(run, found, file ? linesOf(textOf(file, found.site, run)) : []))}
  </section>`;
}

function article(run: Run, { path, site, place }: Found, lines: readonly Markup[]): Markup {
  const { fingerprint, rule, message, within, outcome } = site;
  const what = outcomeText(outcome);
  const choices = outcome.kind === 'left' ? outcome.suggestions : [];
  const text = [path, rule, within, message, what, ...choices].join(' ').toLowerCase();
  const word = outcome.kind === 'rewritten' ? (run.written ? 'rewritten' : 'to be rewritten') : 'left alone';
  return html`<article id="p-${fingerprint}" data-rule="${rule}" data-outcome="${outcome.kind}" data-text="${text}">
    <header>
      <a class="place" href="#p-${fingerprint}">line ${place.line}</a>
      ${within === undefined ? null : html`<span>in <code>${within}</code></span>`}
      <code class="rule ${levelOf(site)}">${rule}</code>
      <span class="badge ${outcome.kind}">${word}</span>
    </header>
    <p>${prose(message)}</p>
    ${codeFrame(lines, place, `Code at ${path}:${place.line}`)}
    <p class="outcome ${outcome.kind}">${prose(what)}</p>
    ${
      choices.length > 0
        ? html`<ul class="choices">
            ${choices.map((each) => html`<li>${prose(each)}</li>`)}
          </ul>`
        : null
    }
    ${site.isNew && !isThere(site, run) ? html`<p class="dim">Only seen after the other rewrites of this file.</p>` : null}
  </article>`;
}

/** The changes of each file, unified or side by side. */
export function diffs({ files }: Run): Markup | null {
  const changed = files.filter(({ before, after }) => before !== after);
  if (changed.length === 0) return null;
  return html`<fieldset class="view">
      <legend>Show changes</legend>
      <label><input type="radio" name="view" value="unified" checked /> unified</label>
      <label><input type="radio" name="view" value="split" /> side by side</label>
      <button type="button" id="open-all" aria-pressed="false">Open all</button>
    </fieldset>
    ${changed.map((file) => {
      const { added, removed } = sizeOf(file);
      return html`<details class="file">
        <summary>
          <code>${file.path}</code> <span class="plus">+${added}</span> <span class="minus">−${removed}</span>
        </summary>
        ${diffTable(file)}
      </details>`;
    })}`;
}

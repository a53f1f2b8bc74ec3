import { structuredPatch } from 'diff';
import { highlighted } from './highlight.ts';
import { html, type Markup } from './html-text.ts';
import type { FileReport, Place } from '../model.ts';

/** Lines of code above and below a place. */
const AROUND = 3;
/** A place that is longer is cut. */
const LONGEST = 12;
/** Lines that stay the same around a change. */
const CONTEXT = 3;

/** The lines of a place, marked, with those around it. */
export function codeFrame(lines: readonly Markup[], { line, endLine }: Place, label: string): Markup {
  const from = Math.max(1, line - AROUND);
  const to = Math.min(lines.length, Math.min(endLine, line + LONGEST) + AROUND);
  const shown = lines.slice(from - 1, to).map((markup, index) => {
    const number = from + index;
    const isHit = number >= line && number <= endLine;
    return html`<span class="${isHit ? 'line hit' : 'line'}"><b>${number}</b>${markup}</span>`;
  });
  return html`<pre class="code" tabindex="0" role="region" aria-label="${label}">${shown}</pre>`;
}

type RowKind = 'same' | 'removed' | 'added' | 'hunk';

interface Row {
  readonly kind: RowKind;
  readonly before: number | null;
  readonly after: number | null;
  readonly markup: Markup;
}

/** What changes in a file, line by line; the page can show it side by side. */
export function diffTable({ path, before, after }: FileReport): Markup {
  const rows = rowsOf(path, before, after).map(
    ({ kind, before, after, markup }) =>
      html`<tr class="${kind}">
        <td class="number">${before}</td>
        <td class="number">${after}</td>
        <td class="sign">${SIGNS[kind]}</td>
        <td><code>${markup}</code></td>
      </tr>`,
  );
  return html`<div class="diff" tabindex="0" role="region" aria-label="Changes of ${path}">
    <table>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

const SIGNS: Readonly<Record<RowKind, string>> = { same: '', removed: '−', added: '+', hunk: '' };

function rowsOf(path: string, before: string, after: string): Row[] {
  const [old, young] = [highlighted(before), highlighted(after)];
  const { hunks } = structuredPatch(path, path, before, after, '', '', { context: CONTEXT });
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => {
    const header = `Lines ${oldStart} to ${oldStart + Math.max(oldLines - 1, 0)}, now ${newStart} to ${newStart + Math.max(newLines - 1, 0)}`;
    const at = { before: oldStart, after: newStart };
    const row = (kind: RowKind): Row => {
      const [number, texts] = kind === 'added' ? [at.after, young] : [at.before, old];
      const made: Row = {
        kind,
        before: kind === 'added' ? null : at.before,
        after: kind === 'removed' ? null : at.after,
        markup: texts[number - 1] ?? html``,
      };
      if (kind !== 'added') at.before += 1;
      if (kind !== 'removed') at.after += 1;
      return made;
    };
    const body = lines
      // "No newline at end of file" is no line.
      .filter((line) => !line.startsWith('\\'))
      .map((line) => row(line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'same'));
    return [{ kind: 'hunk', before: null, after: null, markup: html`${header}` } as const, ...body];
  });
}

/** How much of a file changes. */
export function sizeOf({ path, before, after }: FileReport): { readonly added: number; readonly removed: number } {
  const lines = structuredPatch(path, path, before, after, '', '', { context: 0 }).hunks.flatMap(({ lines }) => lines);
  return {
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
  };
}

/** The look of the page: the reader's own colour scheme, one column that a phone can show. */
export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #363c48); --soft: light-dark(#f5f6f8, #1d2129);
  --dim: light-dark(#596170, #9aa3b2); --accent: light-dark(#0b5cad, #76b4f2); --good: light-dark(#17692f, #6fce8a);
  --bad: light-dark(#a3222a, #f28b91); --warn: light-dark(#8a5300, #e8b45c); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 68rem; font: 16px/1.55 system-ui, sans-serif;
  background: light-dark(#fff, #14171d); color: light-dark(#1b2029, #e4e7ec); }
h1 { font-size: 1.8rem; margin: 0 0 .25rem; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.3rem; }
h3 { margin: 1.25rem 0 .25rem; font-size: 1.05rem; } p { margin: .35rem 0; }
.dim { color: var(--dim); } code, pre { font: .875em/1.5 ui-monospace, Menlo, Consolas, monospace; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.figures li { flex: 1 1 8rem; padding: .7rem .9rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--soft); }
.figures strong { display: block; font-size: 1.6rem; line-height: 1.2; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; } th, td { text-align: left; padding: .4rem .6rem;
  border-bottom: 1px solid var(--line); vertical-align: top; } .scroll { overflow-x: auto; }
.filters { position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; padding: .75rem 0; z-index: 1;
  background: inherit; border-bottom: 1px solid var(--line); background: light-dark(#fff, #14171d); }
.filters label { display: grid; gap: .15rem; font-size: .8rem; color: var(--dim); } .filters label:first-child { flex: 1 1 14rem; }
input, select, button { font: inherit; padding: .35rem .55rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--soft); color: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
article { margin: .9rem 0; border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
article > header { display: flex; flex-wrap: wrap; gap: .5rem; align-items: baseline; padding: .55rem .9rem; background: var(--soft); border-bottom: 1px solid var(--line); }
article > div { padding: .6rem .9rem; } .badge { font-size: .78rem; padding: .05rem .5rem; border-radius: 1rem; border: 1px solid currentColor; }
.rewritten { color: var(--good); } .left { color: var(--warn); } .place { font-weight: 600; overflow-wrap: anywhere; }
pre { margin: .5rem 0 0; padding: .5rem 0; overflow-x: auto; border-radius: .4rem; background: var(--soft); border: 1px solid var(--line); }
pre > span { display: block; padding: 0 .8rem; white-space: pre; } .number { display: inline-block; width: 3.2em; color: var(--dim); user-select: none; }
.hit { background: light-dark(#fff2cc, #40371c); } .added { background: light-dark(#e2f5e6, #16301d); } .removed { background: light-dark(#fde7e8, #3b1c1f); }
.hunk { color: var(--accent); } details { margin: .6rem 0; border: 1px solid var(--line); border-radius: .6rem; padding: .5rem .9rem; }
summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; } [hidden] { display: none !important; }
@media print { .filters { position: static; } details { break-inside: avoid; } }
`;

/** Hides what does not match; without it the page shows everything. */
export const SCRIPT = `
const form = document.querySelector('form');
const count = document.querySelector('output');
const sites = [...document.querySelectorAll('article')];
function filter() {
  const { text, rule, outcome } = Object.fromEntries(new FormData(form));
  const words = text.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const site of sites) {
    const matches = (!rule || site.dataset.rule === rule) && (!outcome || site.dataset.outcome === outcome)
      && words.every((word) => site.dataset.text.includes(word));
    site.hidden = !matches;
    if (matches) shown += 1;
  }
  count.value = shown + ' of ' + sites.length + ' shown';
}
form.addEventListener('input', filter);
form.addEventListener('reset', () => setTimeout(filter));
form.addEventListener('submit', (event) => event.preventDefault());
filter();
`;

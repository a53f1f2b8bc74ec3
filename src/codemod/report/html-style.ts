/** The look of the page: the reader's own colour scheme, one column that a phone can show. */
export const STYLE = `
:root { color-scheme: light dark;
  --page: light-dark(#ffffff, #11141a); --text: light-dark(#1c2230, #e3e7ee); --dim: light-dark(#586174, #98a2b5);
  --soft: light-dark(#f5f7fa, #191e27); --line: light-dark(#dce1e9, #2c3442); --accent: light-dark(#0a5bb5, #7cb8f7);
  --good: light-dark(#14692f, #72cf8d); --warn: light-dark(#8a4f00, #e9b662); --bad: light-dark(#ab1f2a, #f6929a);
  --good-soft: light-dark(#dff5e5, #14301d); --warn-soft: light-dark(#fdf0d5, #382b12); --bad-soft: light-dark(#fde4e6, #3c1a1e);
  --mono: ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; font: 16px/1.6 system-ui, -apple-system, 'Segoe UI', sans-serif; background: var(--page); color: var(--text); }
.top, .page { max-width: 82rem; margin: 0 auto; padding: 0 1.5rem; }
.top { padding-top: 2.25rem; } h1 { margin: 0; font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; }
.page { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: 2.25rem; padding-bottom: 5rem; }
nav ul { position: sticky; top: 1.5rem; margin: 1.4rem 0 0; padding: 0; list-style: none; font-size: .92rem; }
nav a { display: block; padding: .3rem .7rem; border-left: 2px solid var(--line); color: var(--dim); text-decoration: none; }
nav a:hover { color: var(--accent); border-color: var(--accent); }
@media (max-width: 60rem) { .page { grid-template-columns: minmax(0, 1fr); gap: 0; } nav ul { position: static; display: flex; flex-wrap: wrap; gap: .25rem; }
  nav a { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .75rem; } }
h2 { margin: 3.25rem 0 1rem; font-size: 1.4rem; line-height: 1.25; letter-spacing: -.01em; }
h3 { margin: 1.9rem 0 .6rem; font-size: 1.08rem; } h4 { margin: 0 0 .4rem; font-size: 1rem; } p { margin: .5rem 0; }
small, .dim { color: var(--dim); font-weight: 400; } small { font-size: .85em; margin-left: .35rem; }
code, pre, .diff { font-family: var(--mono); } code { font-size: .875em; overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: .15em; } :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 1rem; padding: .4rem .8rem; background: var(--page); z-index: 3; }
.lead { font-size: 1.12rem; max-width: 48rem; margin-top: 1.2rem; }
.bar { display: flex; gap: 3px; height: .7rem; margin: 1.4rem 0 1rem; } .bar span { border-radius: .35rem; min-width: .7rem; }
.bar .rewritten { background: var(--good); } .bar .decisions { background: var(--warn); } .bar .hand { background: var(--bad); }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0; padding: 0; list-style: none; }
.figures li { flex: 1 1 8rem; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--soft); color: var(--dim); font-size: .92rem; }
.figures strong { display: block; font-size: 1.9rem; line-height: 1.15; color: var(--text); font-weight: 650; font-variant-numeric: tabular-nums; }
.figures .rewritten strong { color: var(--good); } .figures .decisions strong { color: var(--warn); } .figures .hand strong { color: var(--bad); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .75rem; } .scroll table { border-collapse: collapse; width: 100%; font-size: .93rem; }
.scroll th, .scroll td { text-align: left; padding: .55rem .9rem; vertical-align: top; } .scroll tr + tr > *, .scroll tbody tr:first-child > * { border-top: 1px solid var(--line); }
.scroll thead { background: var(--soft); } .scroll thead th { font-size: .82rem; color: var(--dim); } .scroll tbody th { font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .problem { margin: .7rem 0 0; padding: .5rem .9rem; border-radius: .5rem; background: var(--warn-soft); }
.card { margin: .8rem 0; padding: 1rem 1.2rem; border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: .6rem; background: var(--soft); }
.card.warning { border-left-color: var(--warn); } .card p { max-width: 52rem; }
.evidence { font-size: .86rem; } .evidence a { font-family: var(--mono); font-size: .95em; text-decoration: none; overflow-wrap: anywhere; } .evidence a:hover { text-decoration: underline; }
.rule { padding: .1rem .45rem; border-radius: .3rem; white-space: nowrap; } .rule.error { background: var(--bad-soft); color: var(--bad); } .rule.warning { background: var(--warn-soft); color: var(--warn); }
.badge { padding: .08rem .6rem; border-radius: 1rem; font-size: .8rem; font-weight: 500; white-space: nowrap; background: var(--soft); }
.badge.rewritten, .badge.low { background: var(--good-soft); color: var(--good); } .badge.left, .badge.medium { background: var(--warn-soft); color: var(--warn); } .badge.high { background: var(--bad-soft); color: var(--bad); }
.phases { list-style: none; margin: 0; padding: 0; counter-reset: phase; }
.phases > li { position: relative; padding: 0 0 1.2rem 3.2rem; counter-increment: phase; }
.phases > li::before { content: counter(phase); position: absolute; left: 0; top: 0; width: 2.1rem; height: 2.1rem; display: grid; place-items: center; border-radius: 50%; background: var(--accent); color: var(--page); font-weight: 650; }
.phases > li:not(:last-child)::after { content: ''; position: absolute; left: 1.05rem; top: 2.4rem; bottom: .2rem; border-left: 2px solid var(--line); }
.phases h3 { margin-top: .25rem; } .phases ul { padding-left: 1.1rem; } .phases li li { margin: .35rem 0; }
dt { margin-top: .9rem; font-weight: 600; } dd { margin: .15rem 0 0; }
#filters { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: .6rem .8rem; align-items: end; padding: .8rem 0; background: var(--page); border-bottom: 1px solid var(--line); }
#filters label { display: grid; gap: .15rem; font-size: .8rem; color: var(--dim); min-width: 0; } #filters .wide { flex: 1 1 13rem; } #filters select { max-width: 15rem; }
#filters output { flex-basis: 100%; font-size: .85rem; color: var(--dim); }
input[type=search], select, button { font: inherit; font-size: .92rem; height: 2.35rem; padding: 0 .65rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--soft); color: var(--text); }
button { cursor: pointer; } button:hover { border-color: var(--accent); } ::placeholder { color: var(--dim); opacity: 1; }
article { margin: 1rem 0; border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; scroll-margin-top: 9rem; } article > p, article > .choices { margin: .7rem 1.1rem; }
article:target { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
article > header { display: flex; flex-wrap: wrap; gap: .35rem .8rem; align-items: baseline; padding: .6rem 1.1rem; background: var(--soft); border-bottom: 1px solid var(--line); }
.place { font-weight: 600; text-decoration: none; color: var(--text); } article .badge { margin-left: auto; }
.outcome::before { margin-right: .5rem; font-weight: 700; } .outcome.rewritten { color: var(--good); } .outcome.rewritten::before { content: '✓'; } .outcome.left { color: var(--warn); } .outcome.left::before { content: '○'; }
.choices { padding-left: 1.6rem; }
.code { margin: 0; padding: .55rem 0; overflow-x: auto; border-block: 1px solid var(--line); font-size: .82rem; line-height: 1.55; background: light-dark(#fcfdfe, #0d1015); }
.line { display: block; padding-right: 1rem; min-width: max-content; } .line b { display: inline-block; width: 3.6rem; margin-right: 1rem; padding-right: .8rem; text-align: right; font-weight: 400; color: var(--dim); user-select: none; }
.hit { background: var(--warn-soft); box-shadow: inset 3px 0 var(--warn); }
i { font-style: normal; } .comment { color: var(--dim); font-style: italic; } .string { color: light-dark(#0b6b4f, #8fd6b4); } .keyword { color: light-dark(#8a1f8f, #d8a1ec); } .number { color: light-dark(#0a55a8, #8cc2f5); }
.view { display: flex; flex-wrap: wrap; gap: .4rem 1.1rem; align-items: center; margin: 0 0 .8rem; padding: 0; border: 0; } .view legend { float: left; margin-right: 1.1rem; padding: 0; color: var(--dim); } .view button { margin-left: auto; }
details.file { margin: .6rem 0; border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; } summary { cursor: pointer; padding: .6rem 1.1rem; background: var(--soft); overflow-wrap: anywhere; }
.plus { color: var(--good); } .minus { color: var(--bad); } .plus, .minus { font-size: .85rem; font-variant-numeric: tabular-nums; }
.diff { overflow-x: auto; border-top: 1px solid var(--line); font-size: .82rem; line-height: 1.5; } .diff table { border-collapse: collapse; width: 100%; } .diff td { padding: 0 .6rem; vertical-align: top; } .diff code { white-space: pre; font-size: 1em; }
.diff td.number { width: 1%; min-width: 2.6rem; text-align: right; color: var(--dim); user-select: none; } .diff td.sign { width: 1%; padding: 0 .2rem; user-select: none; }
tr.added td, td.added { background: var(--good-soft); } tr.removed td, td.removed { background: var(--bad-soft); } tr.hunk td { padding-block: .3rem; background: var(--soft); color: var(--dim); } td.none { background: var(--soft); }
.diff.split table { table-layout: fixed; min-width: 60rem; } .diff.split code { white-space: pre-wrap; } .diff.split col:nth-child(3n + 1) { width: 3.6rem; } .diff.split col:nth-child(3n + 2) { width: 1.4rem; } .diff.split td.number { min-width: 0; } .diff.split tr > td:nth-child(4) { border-left: 1px solid var(--line); }
[hidden] { display: none !important; }
@media print { nav, #filters, .view { display: none; } .page { display: block; } article, .card { break-inside: avoid; } }
`;

/** What the page can do: filter the places, go to one that is hidden, show changes side by side. Without it, it shows everything. */
export const SCRIPT = `
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const form = document.querySelector('#filters');

function filter() {
  const { text, rule, outcome, file } = Object.fromEntries(new FormData(form));
  const words = text.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const area of all('.area')) {
    let inArea = 0;
    for (const place of all('article', area)) {
      const { rule: ofRule, outcome: ofOutcome, text: itsText } = place.dataset;
      place.hidden = !((!rule || ofRule === rule) && (!outcome || ofOutcome === outcome)
        && (!file || area.dataset.file === file) && words.every((word) => itsText.includes(word)));
      if (!place.hidden) inArea += 1;
    }
    area.hidden = inArea === 0;
    shown += inArea;
  }
  document.querySelector('#nothing').hidden = shown > 0;
  form.querySelector('output').value = shown + ' of ' + all('article').length + ' places';
}

function reveal() {
  const place = location.hash.startsWith('#p-') && document.querySelector(location.hash);
  if (!place?.hidden) return;
  form.reset();
  filter();
  place.scrollIntoView();
}

/** Removed and added lines that follow each other, next to each other. */
function sideBySide(body) {
  const rows = [];
  let removed = [];
  let added = [];
  const half = (row, side) => row
    ? [row.cells[side].cloneNode(true), row.cells[2].cloneNode(true), row.cells[3].cloneNode(true)]
    : [0, 1, 2].map(() => document.createElement('td'));
  const push = (left, right) => {
    const row = document.createElement('tr');
    for (const [source, side] of [[left, 0], [right, 1]])
      for (const cell of half(source, side)) {
        cell.classList.add(source ? source.className : 'none');
        row.append(cell);
      }
    rows.push(row);
  };
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) push(removed[index], added[index]);
    removed = [];
    added = [];
  };
  for (const row of body.rows) {
    if (row.className === 'removed') removed.push(row);
    else if (row.className === 'added') added.push(row);
    else {
      flush();
      if (row.className === 'hunk') {
        const header = row.cloneNode();
        header.append(row.cells[3].cloneNode(true));
        header.cells[0].colSpan = 6;
        rows.push(header);
      } else push(row, row);
    }
  }
  flush();
  return rows;
}

function show(view) {
  for (const diff of all('.diff')) {
    diff.unified ??= [...diff.querySelector('tbody').rows];
    const body = diff.querySelector('tbody');
    body.replaceChildren(...diff.unified);
    if (view === 'split') body.replaceChildren(...sideBySide(body));
    // The columns of a table of fixed widths are those of its first row, unless they are told.
    diff.querySelector('colgroup')?.remove();
    if (view === 'split') {
      const columns = document.createElement('colgroup');
      columns.append(...[0, 1, 2, 3, 4, 5].map(() => document.createElement('col')));
      body.before(columns);
    }
    diff.classList.toggle('split', view === 'split');
  }
}

if (form) {
  form.addEventListener('input', filter);
  form.addEventListener('reset', () => setTimeout(filter));
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', reveal);
  filter();
}
for (const radio of all('input[name=view]')) radio.addEventListener('change', () => show(radio.value));
const opener = document.querySelector('#open-all');
opener?.addEventListener('click', () => {
  const open = opener.getAttribute('aria-pressed') !== 'true';
  opener.setAttribute('aria-pressed', String(open));
  opener.textContent = open ? 'Close all' : 'Open all';
  for (const file of all('details.file')) file.open = open;
});
addEventListener('beforeprint', () => all('details').forEach((file) => { file.open = true; }));
`;

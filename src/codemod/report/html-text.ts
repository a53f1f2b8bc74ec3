/** Markup that is safe to put into a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | null | readonly (Markup | null)[];

/** Markup with values in it, of which those that are not markup themselves are escaped. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(
    strings.map((text, index) => text + (index < values.length ? rendered(values[index] ?? null) : '')).join(''),
  );
}

function rendered(value: Part): string {
  if (value === null) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
  return value.map(rendered).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** Text with code between backticks, as messages have it. */
export function prose(text: string): Markup {
  const parts = text.split(/`([^`]+)`/);
  return new Markup(
    parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>`.text : escape(part))).join(''),
  );
}

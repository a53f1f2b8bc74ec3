import { html, Markup } from './html-text.ts';

const KEYWORDS =
  'abstract|as|async|await|break|case|catch|class|const|continue|default|delete|do|else|enum|export|extends|false|finally|for|from|function|if|implements|import|in|instanceof|interface|let|new|null|of|private|protected|public|readonly|return|satisfies|static|super|switch|this|throw|true|try|type|typeof|undefined|using|var|void|while|yield';

/** Kinds of tokens, as the classes of the page. It only colours: what it takes for something else is shown all the same. */
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|${'`'}(?:\\[\s\S]|[^${'`'}\\])*${'`'})`,
    String.raw`(?<keyword>(?<![\w$.])(?:${KEYWORDS})(?![\w$]))`,
    String.raw`(?<number>(?<![\w$])\d[\w.]*)`,
  ].join('|'),
  'g',
);

/** The lines of a source with the colours of its syntax. */
export function highlighted(source: string): readonly Markup[] {
  const text = source.replaceAll('\r\n', '\n');
  const parts: string[] = [];
  let done = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(html`${text.slice(done, match.index)}`.text);
    const kind = Object.entries(match.groups ?? {}).find(([, token]) => Boolean(token))?.[0] ?? '';
    // A token of several lines has a part in each.
    parts.push(
      match[0]
        .split('\n')
        .map((line) => html`<i class="${kind}">${line}</i>`.text)
        .join('\n'),
    );
    done = match.index + match[0].length;
  }
  parts.push(html`${text.slice(done)}`.text);
  return parts
    .join('')
    .split('\n')
    .map((line) => new Markup(line));
}

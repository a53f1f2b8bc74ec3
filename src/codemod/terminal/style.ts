import { PLAIN, type TextStyle } from '../report/text.ts';

/** Narrower, and words are hard to follow. */
const NARROWEST = 60;
/** Wider, and lines are hard to follow. */
const WIDEST = 120;

/** How text is written to a stream: in colours and as wide as a terminal, or as a file. */
export function styleOf(output: NodeJS.WriteStream): TextStyle {
  if (!output.isTTY) return PLAIN;
  return { colors: output.hasColors(), width: Math.min(Math.max(output.columns, NARROWEST), WIDEST) };
}

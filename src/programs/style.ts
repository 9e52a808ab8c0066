import { styleText } from 'node:util';

/** Styles that commands print with; `forTerminal` lets only these through. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A text in a style where the terminal shows colors, else the text as it is. */
export function styled(style: Style, text: string, { color }: { readonly color: boolean }): string {
  // Whether it does is known here: newer versions of node would check standard output, whatever the text is
  // for.
  return color ? styleText(style, text, { validateStream: false }) : text;
}

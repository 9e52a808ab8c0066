import { styleText } from 'node:util';

/** Styles that commands print with; what prints (`forTerminal`) lets these and no others through. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A text in a style where the terminal shows colors, else the text as it is. */
export function styled(style: Style, text: string, { color }: { readonly color: boolean }): string {
  // Whether it does is known: newer versions of node would ask standard output, whatever the text is for.
  return color ? styleText(style, text, { validateStream: false }) : text;
}

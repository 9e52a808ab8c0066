const escapeCharacter = '\u001b';

/**
 * What follows an escape (ECMA-48): a sequence that moves the cursor or sets colours; a text for the terminal itself, as
 * its title; or one more character.
 */
const sequence = /^(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_]\P{Cc}*\p{Cc}?|[ -/]*[0-~])/u;

/** Begin and end of each `Style`. */
const style = /^\[(?:[12]|22|3[12369])m/;

/** Control characters except line feed and tab, and characters that make a text display differently. */
const controls = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text from a host, a program or a file, made harmless to the terminal: without escape sequences, and with
 * spaces for control characters.
 */
export function plainText(text: string): string {
  return withoutControls(text, () => '');
}

/** The same for what is about to be printed, which may have our own styles in it. */
export function forTerminal(text: string): string {
  return withoutControls(text, (part) => style.exec(part)?.[0]);
}

/** @param kept what stays of a part that an escape stood before, with the escape */
function withoutControls(text: string, kept: (part: string) => string | undefined): string {
  return text
    .split(escapeCharacter)
    .map((part, index) => {
      if (index === 0) return plain(part);
      const own = kept(part);
      return own
        ? `${escapeCharacter}${own}${plain(part.slice(own.length))}`
        : plain(part.replace(sequence, ''));
    })
    .join('');
}

function plain(part: string): string {
  return part.replaceAll('\r\n', '\n').replace(controls, ' ');
}

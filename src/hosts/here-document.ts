/**
 * A shell command that writes a file into the current folder. The shell reads up to a word that the text does
 * not contain, so no text can end it and continue as commands.
 *
 * @param expression what gives the text in Terraform @default - the text itself, not escaped yet
 * @throws Error for a text that would not arrive unchanged
 */
export function writeFile(name: string, text: string, expression = text): string {
  if (text !== '' && !text.endsWith('\n'))
    throw new Error(`file '${name}' of a step does not end with a newline`);
  let end = 'END_OF_K3S_CDK_FILE';
  while (text.includes(end)) end += '_';
  return `cat >${name} <<'${end}'\n${expression}${end}`;
}

const styles = { bold: 1, red: 31, green: 32, yellow: 33 } as const;

export type Paint = Readonly<Record<keyof typeof styles, (text: string) => string>>;

/** Styles of a terminal; texts stay as they are without colour. */
export function paint(color: boolean): Paint {
  const style = (code: number) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    bold: style(styles.bold),
    red: style(styles.red),
    green: style(styles.green),
    yellow: style(styles.yellow),
  };
}

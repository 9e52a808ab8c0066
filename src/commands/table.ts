/**
 * Rows without those of the named columns that do not fit, the first named first; the first row has the names.
 *
 * @param dispensable names of columns, of those that say least to those that say more
 */
export function fitting(
  rows: readonly (readonly string[])[],
  dispensable: readonly string[],
  width = Number.POSITIVE_INFINITY,
): readonly (readonly string[])[] {
  const [name, ...others] = dispensable;
  if (name === undefined || table(rows).every((line) => line.length <= width)) return rows;
  const column = rows[0]?.indexOf(name) ?? -1;
  const less = column < 0 ? rows : rows.map((row) => row.toSpliced(column, 1));
  return fitting(less, others, width);
}

/** Rows as lines with aligned columns, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

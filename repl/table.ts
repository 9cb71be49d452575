// Text in columns for lists that people read; `--json` gives the same rows to scripts.

export type Rows = readonly Readonly<Record<string, string | number | boolean | undefined>>[];
const isNumeric = (value: unknown): boolean => typeof value === "number";

/** A heading of the rows' names, numbers to the right, the last column as long as it is. */
export function columns(rows: Rows, names: readonly string[] = Object.keys(rows[0] ?? {})): string {
  const texts = [names.map(name => name.toUpperCase()), ...rows.map(row => names.map(name => String(row[name] ?? "")))];
  const widths = names.map((_, i) => Math.max(...texts.map(cells => cells[i]!.length)));
  return texts
    .map(cells =>
      cells
        .map((cell, i) => (isNumeric(rows[0]?.[names[i]!]) ? cell.padStart(widths[i]!) : i === names.length - 1 ? cell : cell.padEnd(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
export function printRows(rows: Rows, isJson: boolean, names?: readonly string[]): void {
  process.stdout.write(isJson ? `${JSON.stringify(rows)}\n` : rows.length === 0 ? "" : `${columns(rows, names)}\n`);
}

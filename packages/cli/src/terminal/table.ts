import { printableLine } from './printable.ts'

/** Pads all columns but the last to their widest cell, two spaces apart. */
export function alignColumns(cells: ReadonlyArray<readonly string[]>): string[] {
  const rows = cells.map((row) => row.map(printableLine))
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

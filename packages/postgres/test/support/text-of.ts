/** The text of a statement that `pg` is given, as a string or within an object. */
export function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : (statement as { text: string }).text
}

/** The names of all options, so that the compiler says when one is missing here. */
export type NamesOf<Options> = Record<keyof Options, true>

/**
 * A misspelt option would have no effect, and nobody would notice: a test with `tampr: 1` sees nothing refused.
 *
 * @throws {TypeError} for an option that is not one of `names`.
 */
export function assertKnown(what: string, options: object, names: Record<string, true>): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name))
  if (unknown === undefined) return
  throw new TypeError(`${what} has no option ${unknown}; the options are ${Object.keys(names).join(', ')}`)
}

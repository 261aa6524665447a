import { closestName } from '@hookport/core'

/** `; did you mean …?` if one of `names` is similar, otherwise nothing. */
export function suggestion(mistyped: string, names: readonly string[]): string {
  const meant = closestName(mistyped, names)
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

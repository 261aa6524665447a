import { closestName } from '@hookport/core'

/** `; did you mean …?`, where one of `names` comes near; else nothing. */
export function suggestion(mistyped: string, names: readonly string[]): string {
  const meant = closestName(mistyped, names)
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

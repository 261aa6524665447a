import type { FormFields } from '../contracts/provider/provider.ts'

/** Forms may be read before they are verified, so the time for it is bounded. */
const maxFields = 1_000

const ampersand = 0x26

/**
 * The fields of a URL-encoded form. Escapes that are not UTF-8 are replaced, as browsers and the usual parsers do. Undefined where there
 * are more than 1,000.
 */
export function readFormFields(body: Uint8Array): FormFields | undefined {
  let separators = 0
  for (const byte of body) if (byte === ampersand) separators += 1
  if (separators >= maxFields) return undefined
  // A question mark at the beginning would be skipped.
  return [...new URLSearchParams(`&${new TextDecoder().decode(body)}`)]
}

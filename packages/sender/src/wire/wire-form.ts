/** The providers whose sending side this package emulates. */
export type ProviderName = 'sematryx' | 'jaot'

/**
 * How Sematryx writes a body. What is signed is the body as sent, except in `reserialized`.
 *
 * - `compact`: Python's `json.dumps` with `separators=(',', ':')`
 * - `spaced`: `json.dumps` as it comes, with `", "` and `": "`
 * - `indented`: `json.dumps` with `indent=2`, and a trailing newline
 * - `unicode`: spaced, non-ASCII text as raw UTF-8 instead of `\uXXXX`
 * - `reserialized`: sends the spaced body, but signs `JSON.stringify(JSON.parse(body))`, as the
 *   provider's Node example implies
 */
export type SematryxForm = 'compact' | 'spaced' | 'indented' | 'unicode' | 'reserialized'

/**
 * JAOT's documentation and its sender differ. Which of the two a delivery looks like:
 *
 * - `documented`: the public documentation; signature is bare hex, Python's default separators
 * - `real`: the public sender code; `sha256=` before the hex, sorted keys, compact separators, and the
 *   headers `User-Agent`, `X-Jaot-Event` and `X-Jaot-Delivery-Timestamp`
 */
export type JaotForm = 'documented' | 'real'

/** The forms by provider. */
interface WireForms {
  sematryx: SematryxForm
  jaot: JaotForm
}

/** The form of one provider's deliveries, or of any provider's. */
export type WireForm<P extends ProviderName = ProviderName> = WireForms[P]

/** A provider, and one of its own forms. `form` defaults to `compact` for Sematryx, `real` for JAOT. */
export type WireChoice = {
  [P in ProviderName]: { provider: P; form?: WireForm<P> | undefined }
}[ProviderName]

/** A provider and its form, with the default filled in. */
export type Wire = { [P in ProviderName]: { provider: P; form: WireForm<P> } }[ProviderName]

/** Every form, by provider. The first of each is the default. */
export const wireForms = {
  sematryx: ['compact', 'spaced', 'indented', 'unicode', 'reserialized'],
  jaot: ['real', 'documented'],
} as const satisfies { [P in ProviderName]: readonly WireForm<P>[] }

/** Fills in the default form. Throws `TypeError` for an unknown provider, or another provider's form. */
export function resolveWire(choice: WireChoice): Wire {
  const { provider, form } = choice
  if (!Object.hasOwn(wireForms, provider)) {
    throw new TypeError(`unknown provider ${JSON.stringify(provider)}: expected sematryx or jaot`)
  }
  const forms: readonly string[] = wireForms[provider]
  if (form !== undefined && !forms.includes(form)) {
    throw new TypeError(`${provider} has no form ${JSON.stringify(form)}: expected ${forms.join(', ')}`)
  }
  return choice.provider === 'sematryx'
    ? { provider: choice.provider, form: choice.form ?? wireForms.sematryx[0] }
    : { provider: choice.provider, form: choice.form ?? wireForms.jaot[0] }
}

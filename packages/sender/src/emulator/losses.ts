import type { ProviderName } from '../wire/wire-form.ts'

/** `sent`: at once. `twice`: two deliveries at once. `lost`: never. Or so many milliseconds late, before the first attempt. */
export type Fate = 'sent' | 'twice' | 'lost' | { readonly lateMs: number }

/** What becomes of an answer of an API: it is given; 503 in its place; 429, for a second; or it breaks off in the middle. */
export type AnswerFate = 'given' | 'unavailable' | 'rate-limited' | 'cut-off'

/** A provider that loses. All is kept and sent where nothing else is said. */
export interface Losses {
  /** What becomes of a webhook. Asked once for each event and registration. */
  fateOf?: ((webhook: { provider: ProviderName; type: string; event: object }) => Fate) | undefined
  /** How long a fired run goes on before it ends, in milliseconds. Asked once for each. Defaults to 0: it has ended when it is answered. */
  runMs?: (() => number) | undefined
  /** What becomes of an answer to `GET`, on either API. */
  answerOf?: ((path: string) => AnswerFate) | undefined
}

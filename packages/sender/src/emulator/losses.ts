import type { ProviderName } from '../wire/wire-form.ts'

/** `sent`: at once. `twice`: two deliveries at once. `lost`: never. A number delays the first attempt by as many milliseconds. */
export type Fate = 'sent' | 'twice' | 'lost' | { readonly lateMs: number }

/** What happens to an answer of an API: it is given; 503 is sent in its place; 429, for a second; or it breaks off in the middle. */
export type AnswerFate = 'given' | 'unavailable' | 'rate-limited' | 'cut-off'

/** What a provider loses. By default, everything is kept and sent. */
export interface Losses {
  /** What happens to a webhook. Called once for each event and registration. */
  fateOf?: ((webhook: { provider: ProviderName; type: string; event: object }) => Fate) | undefined
  /** How long a fired run takes to end, in milliseconds. Called once for each run. Defaults to 0: it has ended when the request is answered. */
  runMs?: (() => number) | undefined
  /** What happens to an answer to `GET`, of both APIs. */
  answerOf?: ((path: string) => AnswerFate) | undefined
}

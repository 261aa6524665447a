import { toReply } from '../accept/tell/reply-table.ts'
import { equalTexts } from '../bytes/equal-texts.ts'
import type { Reply } from '../contracts/delivery.ts'
import { ConfigurationError, isHookportError } from '../contracts/errors.ts'
import type { DrainCounts, DrainRequest, DrainRouteOptions } from '../contracts/receiver/drain.ts'
import type { Health } from '../contracts/receiver/health.ts'
import type { Receiver } from '../contracts/receiver/receiver.ts'
import { checkedMaxMs } from '../handle/consume/drain.ts'
import { checkedSecret } from '../provider/secrets/checked-secret.ts'

type Drained = Pick<Receiver, 'drain' | 'health' | 'logger' | 'provider' | 'source'>

/**
 * Answers the request of a cron job: it handles what is due, and answers the counts. A request without the secret is answered 401 without a reason;
 * the log gives the reason. A drain that could do nothing as the inbox does not answer is answered 503, so that whoever watches the cron learns of it.
 * Answers are never cached.
 *
 * @throws {ConfigurationError} for a secret that is missing, empty or padded, or that a header can't hold; for a limit that can't work.
 */
export function drainRoute(
  receiver: Drained,
  options: DrainRouteOptions,
): (request: DrainRequest) => Promise<Reply> {
  const maxMs = checkedMaxMs(options ?? {}) // first, as a misspelt secret is not a missing one
  const secret = secretOf(options)
  return async ({ method = '', authorization }) => {
    if (!equalTexts(bearerOf(authorization), secret)) {
      receiver.logger.warn(
        { ...about(receiver), fix: 'have the cron send Authorization: Bearer and the secret of the route' },
        'a drain was refused: the request did not have the secret',
      )
      return reply(401, { error: 'unauthorized' })
    }
    if (method !== 'GET' && method !== 'POST')
      return reply(405, { error: 'method_not_allowed' }, { allow: 'GET, POST' })
    try {
      const counts = await receiver.drain(maxMs === undefined ? {} : { maxMs })
      const reasons = await reasonsInVain(receiver, counts)
      if (reasons === undefined) return reply(200, counts)
      // A short drain ends before the inbox is seen not to answer: the log may have nothing else.
      receiver.logger.error({ ...about(receiver), reasons }, 'a drain could do nothing')
      return unavailable()
    } catch (err) {
      receiver.logger.error({ ...about(receiver), err }, 'a drain failed')
      const isMisconfigured = isHookportError(err) && err.code === 'invalid_option'
      return isMisconfigured ? uncached(toReply({ code: 'misconfigured' })) : unavailable()
    }
  }
}

/** Why nothing was handled, where nothing could be. */
async function reasonsInVain(
  receiver: Drained,
  { more, ...counts }: DrainCounts,
): Promise<Health['reasons'] | undefined> {
  if (!more || Object.values(counts).some((count) => count > 0)) return undefined
  const { status, reasons } = await receiver.health()
  return status === 'down' ? reasons : undefined
}

function about({ provider, source }: Drained): Record<string, unknown> {
  return { provider, source }
}

function secretOf(options: Partial<DrainRouteOptions> | undefined): string {
  const secret = checkedSecret(options?.secret, 'drain')
  if (/^[\x20-\x7e]+$/.test(secret)) return secret
  throw new ConfigurationError(
    "drain: the secret has characters that an HTTP header can't hold: use ASCII letters, digits and punctuation",
  )
}

/** The name of the scheme may be in upper or lower case. */
function bearerOf(authorization: string | null | undefined): string {
  return /^bearer +(.*)$/i.exec(authorization ?? '')?.[1] ?? ''
}

function reply(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  const text = JSON.stringify(body)
  const described = { 'content-type': 'application/json', 'content-length': String(text.length), ...headers }
  return uncached({ status, body: text, headers: described })
}

function unavailable(): Reply {
  return uncached(toReply({ code: 'unavailable' }))
}

function uncached(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, 'cache-control': 'no-store' } }
}

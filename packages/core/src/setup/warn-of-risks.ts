import { fleetingPlatform } from './host-platform.ts'
import type { ResolvedOptions } from './options.ts'

/** Warns once, at construction, of risks in the options and in the store. Answers those of the store. */
export function warnOfRisks(options: ResolvedOptions): Promise<readonly string[]> {
  const { inbox, provider, logger } = options
  const about = { provider: provider.name, inbox: inbox.name }
  const warn = (risks: readonly string[]) => risks.map((risk) => logger.warn(about, risk))
  warn(risksOfOptions(options))
  return warnOfStore()

  /** Never rejects: a receiver does not depend on what its store says of itself. */
  async function warnOfStore(): Promise<readonly string[]> {
    try {
      const risks = (await inbox.findRisks?.()) ?? []
      warn(risks)
      return risks
    } catch (err) {
      logger.warn({ ...about, err }, "the inbox can't be asked for its configuration")
      return []
    }
  }
}

function risksOfOptions({
  provider: { name, keys, retryHorizon },
  inbox,
  acknowledge,
  dedupeWindow,
  maxAge,
  maxBodyBytes,
  maxBytesInFlight,
}: ResolvedOptions): string[] {
  const risks: string[] = []
  if (keys === undefined) risks.push('allowUnsigned: anyone who knows the URL can send events')
  if (maxAge > dedupeWindow) {
    risks.push(
      `maxAge (${maxAge} ms) is above dedupeWindow (${dedupeWindow} ms): an event that is sent again after dedupeWindow and before maxAge is handled again`,
    )
  }
  if (maxAge < retryHorizon) {
    risks.push(
      `maxAge (${maxAge} ms) is under the time over which ${name} retries (${retryHorizon} ms): late retries are refused and lost`,
    )
  }
  if (maxBytesInFlight < maxBodyBytes) {
    risks.push(
      `maxBytesInFlight (${maxBytesInFlight}) is under maxBodyBytes (${maxBodyBytes}): larger bodies are refused, however often they are sent`,
    )
  }
  const platform = inbox.durable ? undefined : fleetingPlatform()
  if (platform !== undefined && acknowledge === 'on-receipt') {
    risks.push(
      `the ${inbox.name} inbox loses what it has accepted whenever ${platform} ends or freezes this process, and other processes do not see it: use acknowledge: 'after-handlers', or an inbox that they share`,
    )
  } else if (!inbox.durable && typeof process === 'object' && process.env?.NODE_ENV === 'production') {
    risks.push(
      `the ${inbox.name} inbox loses accepted events with the process: use a durable inbox in production`,
    )
  }
  return risks
}

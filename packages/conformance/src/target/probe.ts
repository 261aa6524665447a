/** One attempt of a handler of the audited application. Survives a trip through JSON. */
export interface HandlerRun {
  /** One of the two handlers that `addAuditHandlers` adds. */
  readonly handler: 'obedient' | 'neighbour'
  readonly id: string
  readonly type: string
  readonly provider: string
  /** Counted by the receiver, from 1. */
  readonly attempt: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly data: unknown
  /** The bytes that the handler was given, in base64. */
  readonly rawBody: string
  outcome: 'running' | 'succeeded' | 'failed'
}

/** Reports what happened to an event after the receiver took it on. */
export interface Probe {
  /** The runs of handlers for one event so far, in the order of their start. */
  runs(eventId: string): readonly HandlerRun[] | Promise<readonly HandlerRun[]>
}

/**
 * Asks an application in another process, which answers `GET url?id=…` with `probeResponse(id)`. The application's answer is
 * trusted.
 */
export function httpProbe(
  url: string,
  {
    patienceMs = 30_000,
  }: {
    /** How long to wait for an answer: an application that hangs must not hang the audits. Defaults to 30 s. */
    readonly patienceMs?: number
  } = {},
): Probe {
  return {
    async runs(eventId) {
      const signal = AbortSignal.timeout(patienceMs)
      const response = await fetch(`${url}?id=${encodeURIComponent(eventId)}`, { cache: 'no-store', signal })
      if (!response.ok) throw new Error(`the probe at ${url} answered ${response.status}`)
      return (await response.json()) as HandlerRun[]
    },
  }
}

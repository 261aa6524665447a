/** A request for `selfTest`, to be sent exactly as it is, through everything that a delivery passes. */
export interface Probe {
  readonly method: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
  /** Aborted when the self-test is over. Nobody waits for the reply then. */
  readonly signal?: AbortSignal
}

/** How a receiver is tested. */
export interface SelfTestOptions {
  /** How long the probe may take until its reply arrives, in milliseconds. Defaults to 10 s. */
  timeout?: number
}

/** Sends a probe and answers the status of the reply. */
export type SendProbe = (probe: Probe) => Promise<{ readonly status: number }>

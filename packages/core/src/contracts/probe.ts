/** A request that `selfTest` wants sent exactly as it is, through everything that a delivery passes. */
export interface Probe {
  readonly method: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
}

/** Sends a probe and answers with the status of the reply. */
export type SendProbe = (probe: Probe) => Promise<{ readonly status: number }>

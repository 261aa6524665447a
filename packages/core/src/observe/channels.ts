import type { Channel } from 'node:diagnostics_channel'
import { nodeBuiltin } from '../bytes/node-builtin.ts'
import type { Instrument } from '../contracts/receiver/instrument.ts'
import { type Observations, observationNames } from '../contracts/receiver/observers.ts'

/** Where the platform has them: Node, Bun, Deno. */
const diagnostics = nodeBuiltin('node:diagnostics_channel')

/** `hookport:accepted`, `hookport:dead` and so on. Each gets what the observer of that name gets. */
export const observationChannels = diagnostics && channelsOf(diagnostics)

type ChannelsByName = Readonly<Record<keyof Observations, Channel>>

function channelsOf({ channel }: NonNullable<typeof diagnostics>): ChannelsByName {
  const names = Object.keys(observationNames)
  return Object.fromEntries(names.map((name) => [name, channel(`hookport:${name}`)])) as ChannelsByName
}

const deliveries = diagnostics?.tracingChannel<object>('hookport:delivery')
const handlers = diagnostics?.tracingChannel<object>('hookport:handler')

/** Whether somebody has subscribed to one of the tracing channels. */
export function areTraced(): boolean {
  return deliveries?.hasSubscribers === true || handlers?.hasSubscribers === true
}

/**
 * Publishes to the tracing channels `tracing:hookport:delivery:…` and `tracing:hookport:handler:…`. Their messages are what instruments get, with
 * `result` (the reply) or `error` added at the end.
 */
export const channelInstrument: Instrument = {
  delivery: (delivery, receive) => deliveries?.tracePromise(receive, { ...delivery }, undefined),
  handler: (run, handle) => handlers?.tracePromise(async () => handle(), { ...run }),
}

import type { Channel } from 'node:diagnostics_channel'
import { nodeBuiltin } from '../bytes/node-builtin.ts'
import type { Logger } from '../contracts/logger.ts'
import {
  type Observations,
  type Observe,
  type Observers,
  observationNames,
} from '../contracts/receiver/observers.ts'
import { isPromise } from '../time/awaitable.ts'
import type { Instruments } from './instruments.ts'

/** Where the platform has them: Node, Bun, Deno. */
const diagnostics = nodeBuiltin('node:diagnostics_channel')

/** `hookport:accepted`, `hookport:dead` and so on. Each gets what the observer of that name gets. */
const observationChannels = diagnostics && channelsOf(diagnostics)

type ChannelsByName = Readonly<Record<keyof Observations, Channel>>

function channelsOf({ channel }: NonNullable<typeof diagnostics>): ChannelsByName {
  const names = Object.keys(observationNames)
  return Object.fromEntries(names.map((name) => [name, channel(`hookport:${name}`)])) as ChannelsByName
}

/**
 * Tells the observers of the options, those of instruments, and whoever has subscribed to the channel `hookport:<name>`. No observer can do harm:
 * what one throws is only logged. What a subscriber throws is an uncaught exception, as on any channel of Node: the delivery goes on, and the process
 * decides what to do.
 *
 * @param logger one that samples, as strangers can cause refusals as often as they like.
 */
export function observeWith(observers: Observers, logger: Logger, instruments: Instruments): Observe {
  return (name, observation) => {
    if (observers[name] !== undefined) tell(name, observers, observation(), logger)
    for (const { observers } of instruments.installed)
      if (observers?.[name] !== undefined) tell(name, observers, observation(), logger)
    const channel = observationChannels?.[name]
    if (channel?.hasSubscribers) channel.publish(observation())
  }
}

function tell<Name extends keyof Observations>(
  name: Name,
  observers: Observers,
  observation: Observations[Name],
  logger: Logger,
): void {
  const report = (err: unknown) => logger.error({ err, observer: name }, `the observer ${name} threw`)
  try {
    const answer: unknown = observers[name]?.(observation) // it may be a method that uses `this`
    if (isPromise(answer)) Promise.resolve(answer).catch(report)
  } catch (err) {
    report(err)
  }
}

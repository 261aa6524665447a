import { standIn } from '../contracts/errors.ts'
import type { EventRecord } from '../contracts/inbox/event-record.ts'
import type { Redaction } from './redaction.ts'
import { redacted } from './without-values.ts'

/**
 * What may be told of what was thrown while an event was handled: another error of the same name, whose texts are without what is not to be seen of the
 * event. Causes, and whatever else an error carries, are left out: nobody knows what they hold. Where nothing is to be hidden it is what was thrown.
 */
export function redactedError(
  thrown: unknown,
  event: Pick<EventRecord, 'rawBody' | 'request'>,
  redaction: Redaction,
): unknown {
  if (redaction.isEmpty) return thrown
  const { hide } = redaction.of(event)
  if (typeof thrown !== 'object' || thrown === null) return hide(textOf(() => thrown) ?? redacted)
  const read = (name: string) => {
    const text = textOf(() => Reflect.get(thrown, name))
    return text === undefined ? undefined : hide(text)
  }
  const error = new Error(read('message') ?? textOf(() => hide(String(thrown))) ?? redacted)
  for (const name of ['name', 'stack', 'code'])
    Object.defineProperty(error, name, { value: read(name), configurable: true, writable: true })
  return standIn(error, thrown)
}

/** Getters, `toString` and proxies are the thrower's code: they may throw, too. Undefined then, and for what is not there. */
function textOf(read: () => unknown): string | undefined {
  try {
    const value = read()
    return value === undefined ? undefined : String(value)
  } catch {
    return undefined
  }
}

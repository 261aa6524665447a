import { standIn } from '../contracts/errors.ts'
import type { EventRecord } from '../contracts/inbox/event-record.ts'
import { reasonOf } from '../contracts/reason-of.ts'
import type { Redaction } from './redaction.ts'
import { redacted } from './without-values.ts'

/**
 * The form of a thrown value that may be shown: another error with the same name, and with the redacted values removed from its texts. Its
 * message names its causes; these and other properties are left out, as they may contain anything. If nothing has to be hidden, it is the thrown value itself.
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
  const error = new Error(textOf(() => hide(reasonOf(thrown))) ?? redacted)
  for (const name of ['name', 'stack', 'code'])
    Object.defineProperty(error, name, { value: read(name), configurable: true, writable: true })
  return standIn(error, thrown)
}

/** Getters, `toString` and proxies are the thrower's code, and may throw too. Undefined then, and for a property that does not exist. */
function textOf(read: () => unknown): string | undefined {
  try {
    const value = read()
    return value === undefined ? undefined : String(value)
  } catch {
    return undefined
  }
}

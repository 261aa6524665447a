import type { JsonObject, Provider } from '@hookport/core'
import { CannotSign } from '../request/cannot-sign.ts'
import type { Draft, Sample } from './draft.ts'

/** The forms in which senders write a time. */
const times: readonly ((at: number) => unknown)[] = [
  (at) => new Date(at).toISOString(),
  (at) => Math.floor(at / 1000),
  (at) => at,
]

/**
 * Bodies for a definition without samples. They have the fields that its `readEnvelope` reads. The fields are found by letting it read, and are
 * filled in by their names.
 */
export function* readSamples(provider: Provider, draft: Draft): Generator<Sample> {
  for (const time of times) {
    const fields = fieldsReadBy(provider, draft, time)
    yield { data: {}, envelope: (data) => withData(provider, fields, data) }
  }
}

/** More fields than any definition reads one after the other. */
const mostSteps = 20

function fieldsReadBy(provider: Provider, draft: Draft, time: (at: number) => unknown): JsonObject {
  let fields: Record<string, unknown> = {}
  for (let step = 0; step < mostSteps; step += 1) {
    const asked = new Set<string>()
    try {
      provider.readEnvelope(noting(fields, asked), { get: () => undefined })
    } catch {
      // It lacks a field, which is now noted.
    }
    const missing = [...asked].filter((name) => !Object.hasOwn(fields, name))
    const added = missing.flatMap((name) => {
      const value = valueFor(name, draft, time)
      return value === undefined ? [] : [[name, value] as const]
    })
    if (added.length === 0) break
    fields = { ...fields, ...Object.fromEntries(added) }
  }
  return fields
}

function noting(fields: JsonObject, asked: Set<string>): JsonObject {
  const note = <Result>(name: string | symbol, result: Result): Result => {
    if (typeof name === 'string') asked.add(name)
    return result
  }
  return new Proxy(fields, {
    get: (target, name) => note(name, Reflect.get(target, name)),
    has: (target, name) => note(name, Reflect.has(target, name)),
    getOwnPropertyDescriptor: (target, name) => note(name, Reflect.getOwnPropertyDescriptor(target, name)),
  })
}

function valueFor(name: string, { type, id, at }: Draft, time: (at: number) => unknown): unknown {
  if (/(^|_)id$|Id$|ID$|^uuid$/.test(name)) return id
  if (/time|date|created|occurred|(_|A)t$|stamp/i.test(name)) return time(at)
  if (/type|event|topic|kind|action|name/i.test(name)) return type
  return undefined
}

/**
 * Puts data where the definition reads it: in a field, or beside the envelope.
 *
 * @throws {CannotSign} where it reads none there. A test would be given an event without its data.
 */
function withData(provider: Provider, fields: JsonObject, data: unknown): JsonObject {
  const marker = {}
  const asked = new Set(['data'])
  readData(provider, noting(fields, asked))
  const place = [...asked].find((name) => readData(provider, { ...fields, [name]: marker }) === marker)
  if (place !== undefined) return { ...fields, [place]: data }
  const beside = { ...(data as object), ...fields }
  if (Object.keys(data ?? {}).length > 0 && readData(provider, beside) === undefined)
    throw new CannotSign(
      `it is not known where ${provider.name} has its data, as readData reads none of a made-up body; pass the whole body as payload`,
    )
  return beside
}

/** Undefined where it lacks a field. */
function readData(provider: Provider, payload: JsonObject): unknown {
  try {
    return provider.readData(payload)
  } catch {
    return undefined
  }
}

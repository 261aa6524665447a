import type { JsonObject } from '@hookport/core'

const encoder = new TextEncoder()

export type BodyForm = 'json' | 'form'

/** The bytes of a payload as they are sent. */
export function writeBody(payload: object | string | Uint8Array, form: BodyForm): Uint8Array {
  if (payload instanceof Uint8Array) return payload
  if (typeof payload === 'string') return encoder.encode(payload)
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload) // as JSON it would be {}
  return encoder.encode(form === 'json' ? JSON.stringify(payload) : asForm(payload as JsonObject))
}

function asForm(fields: JsonObject): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    [value]
      .flat()
      .map((one): [string, string] => [name, typeof one === 'string' ? one : JSON.stringify(one)]),
  )
  return new URLSearchParams(pairs).toString()
}

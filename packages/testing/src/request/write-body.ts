import type { JsonObject } from '@hookport/core'

const encoder = new TextEncoder()

export type BodyForm = 'json' | 'form'

export const contentTypes: Readonly<Record<BodyForm, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
}

/** The form of bytes that somebody else has written. What is neither counts as JSON. */
export function formOf(body: Uint8Array): BodyForm {
  const beginning = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 200)).toString('latin1')
  return /^[^\s=&{}[\]"]+=/.test(beginning) ? 'form' : 'json'
}

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

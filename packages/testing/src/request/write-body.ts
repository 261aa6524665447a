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
  if (isA(payload, 'Uint8Array')) return payload as Uint8Array
  if (typeof payload === 'string') return encoder.encode(payload)
  if (isA(payload, 'ArrayBuffer')) return new Uint8Array(payload as ArrayBuffer) // as JSON it would be {}
  return encoder.encode(form === 'json' ? JSON.stringify(payload) : asForm(payload as JsonObject))
}

/** Not by `instanceof`: a test's sandbox has classes of its own, and what Node makes is not of them. */
function isA(value: unknown, name: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`
}

function asForm(fields: JsonObject): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    [value]
      .flat()
      .map((one): [string, string] => [name, typeof one === 'string' ? one : JSON.stringify(one)]),
  )
  return new URLSearchParams(pairs).toString()
}

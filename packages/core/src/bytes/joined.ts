const encoder = new TextEncoder()

/** Bytes with text before and after them, in UTF-8. Nothing is copied where there is no text. */
export function joined(prefix: string, content: Uint8Array, suffix = ''): Uint8Array<ArrayBuffer> {
  if (prefix === '' && suffix === '') return content as Uint8Array<ArrayBuffer>
  const head = encoder.encode(prefix)
  const tail = encoder.encode(suffix)
  const whole = new Uint8Array(head.length + content.length + tail.length)
  whole.set(head)
  whole.set(content, head.length)
  whole.set(tail, head.length + content.length)
  return whole
}

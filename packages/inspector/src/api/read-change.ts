import { Denial } from '../access/denial.ts'
import type { Wanted } from './changes.ts'

const mostBytes = 256 * 1024

/** Reads the body of a change: a JSON object of limited length. */
export async function readChange(request: Request): Promise<Wanted> {
  const text = await readText(request)
  try {
    const wanted: unknown = JSON.parse(text)
    if (typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) return wanted as Wanted
  } catch {
    // Refused below.
  }
  throw new Denial(400, 'invalid', 'a change must be a JSON object')
}

async function readText({ body }: Request): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Denial(413, 'too_large', `a change can have at most ${mostBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

import { isRefusal, type Refusal } from '../contracts/errors.ts'

interface Culprit {
  readonly did: string
  /** How it changes a body. */
  change(text: string): string
}

const culprits: readonly Culprit[] = [
  {
    did: 'something in front parses the JSON and writes it again: a body parser, or a proxy or gateway that transforms bodies',
    change: (text) => JSON.stringify(JSON.parse(text)),
  },
  { did: 'something in front removes white space at the end of the body', change: (text) => text.trimEnd() },
  { did: 'something in front rewrites line ends', change: (text) => text.replaceAll('\r\n', '\n') },
  {
    did: 'something in front reads the body as Latin-1 and encodes it as UTF-8 again',
    change: (text) => String.fromCharCode(...new TextEncoder().encode(text)),
  },
]

/** What most likely prevented a probe from arriving byte for byte. Undefined if it did arrive. */
export function nameCulprit(
  sent: Uint8Array,
  arrival: Uint8Array | Refusal | undefined,
  status: number,
): string | undefined {
  if (arrival === undefined) return nameObstacle(status)
  if (isRefusal(arrival))
    return arrival.fix === undefined ? arrival.message : `${arrival.message}: ${arrival.fix}`
  const [text, arrived] = [decode(sent), decode(arrival)]
  if (text === arrived && sent.length === arrival.length) return undefined
  const culprit = culprits.find(({ change }) => change(text) === arrived)
  if (culprit) return culprit.did
  if (text.startsWith(arrived)) return `something in front cuts the body off after ${arrival.length} bytes`
  return `something in front changes the body: ${sent.length} bytes were sent, ${arrival.length} others arrived`
}

/** The probe never reached the receiver, or lost its header on the way. */
function nameObstacle(status: number): string {
  if (status === 404)
    return 'nothing answers at this path: is the webhook mounted there, and above a catch-all route?'
  if (status === 405) return 'the path does not take POST: is it mounted for another method?'
  if (status === 413) return 'something in front limits bodies to less than the probe'
  if (status >= 300 && status < 400)
    return `the path redirects (${status}), and providers do not follow redirects`
  if (status === 401 || status === 403)
    return `something in front asks for a login or a CSRF token, removes unknown headers, or leads the probe to another process, which does not know it (${status})`
  return `something else answered in place of the receiver, with ${status}`
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

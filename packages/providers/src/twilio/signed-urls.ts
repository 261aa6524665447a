const parts = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/is

/**
 * What Twilio may have signed for a URL, the most likely first, as its own library tries it: with its port or the default port of its scheme, and
 * without a port. As some back ends of Twilio sign an escaped form, the same as normalised URLs, and with the query encoded again.
 */
export function signedUrls(url: string): readonly [string, ...string[]] {
  const asReceived = [withoutPort(url), withPort(url)]
  const normalised = URL.canParse(url) ? [String(new URL(url))] : []
  const escaped = normalised.flatMap((written) => [withoutPort(written), withPort(written)])
  const [first = url, ...others] = new Set([...asReceived, ...escaped, ...escaped.map(withQueryWrittenAnew)])
  return [first, ...others]
}

function withoutPort(url: string): string {
  return url.replace(parts, (_, scheme: string, authority: string, rest: string) => {
    return scheme + authority.replace(/:\d*$/, '') + rest
  })
}

function withPort(url: string): string {
  return url.replace(parts, (_, scheme: string, authority: string, rest: string) => {
    if (/:\d*$/.test(authority)) return url
    return `${scheme}${authority}:${scheme.toLowerCase() === 'https://' ? 443 : 80}${rest}`
  })
}

/** More fields than a registered URL has. Strangers may send thousands, and nothing is verified yet. */
const mostFields = 100

/** Encodes as the oldest query parser of Node does: fields of the same name next to one another. A query of more than 100 fields stays as it is. */
function withQueryWrittenAnew(url: string): string {
  const mark = url.indexOf('?')
  if (mark === -1) return url
  const pairs = url.slice(mark + 1).split('&')
  if (pairs.length > mostFields) return url
  const fields: Record<string, string[]> = Object.create(null)
  for (const pair of pairs) {
    if (pair === '') continue
    const [name = '', ...value] = pair.split('=')
    const key = decoded(name)
    fields[key] = [...(fields[key] ?? []), decoded(value.join('='))]
  }
  const query = Object.entries(fields).flatMap(([name, values]) =>
    values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  )
  return `${url.slice(0, mark)}?${query.join('&')}`
}

function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced // escapes that are not a character, which are never encoded again
  }
}

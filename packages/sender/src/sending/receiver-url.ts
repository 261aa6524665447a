/**
 * The URL to post to. Both providers only register https. A loopback host may be plain http, for tests, and so may any host where that is allowed.
 * Throws `TypeError` for anything else.
 */
export function receiverUrl(url: string | URL, allowHttp = false): URL {
  if (!URL.canParse(String(url))) throw new TypeError(`url is not a valid URL: ${JSON.stringify(url)}`)
  const parsed = new URL(url)
  if (!isReadable(`${parsed.username}:${parsed.password}`))
    throw new TypeError('the name or the password in url has a % that begins no escape: write it as %25')
  if (parsed.protocol === 'https:') return parsed
  if (parsed.protocol === 'http:' && (allowHttp || isLoopback(parsed.hostname))) return parsed
  throw new TypeError(`url must be https, or http to a loopback host: ${parsed.protocol}//${parsed.host}`)
}

/** `URL` leaves them as they are written, and a request decodes them. */
function isReadable(credentials: string): boolean {
  try {
    return decodeURIComponent(credentials) !== undefined
  } catch {
    return false
  }
}

/** `URL` has already normalised the host: lower case, 127.1 as 127.0.0.1, IPv6 shortened in brackets. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}

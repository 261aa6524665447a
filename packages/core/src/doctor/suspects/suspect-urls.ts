import type { HeaderReader } from '../../contracts/delivery.ts'
import type { RequestLine, SignatureClaim } from '../../contracts/provider/provider.ts'
import type { Suspect } from './suspect.ts'

const webUrl = /https?:\/\/\S+/

/** What a sender that signs its URL may have signed, where it knows this receiver by another URL than the definition does. */
export function suspectUrls(
  claim: SignatureClaim,
  headers: HeaderReader,
  request: RequestLine | undefined,
): Suspect<SignatureClaim>[] {
  return (['signedPrefix', 'signedSuffix'] as const).flatMap((part) => {
    const text = claim[part] ?? ''
    const [written] = webUrl.exec(text) ?? []
    if (written === undefined || !URL.canParse(written)) return []
    return otherUrls(new URL(written), headers, request).map((url) => ({
      value: { ...claim, [part]: text.replace(written, () => url) },
      causes: ['other_url'],
      detail: url.replace(/[?#].*$/s, ''), // a query may hold a token
    }))
  })
}

/** The usual mistakes: scheme, host, path, the slash at its end, and the query. */
function otherUrls(
  { protocol, host, pathname, search }: URL,
  headers: HeaderReader,
  request: RequestLine | undefined,
): string[] {
  const asked = request?.url.replace(/^https?:\/\/[^/?]*/, '').replace(/\?.*$/s, '')
  const www = host.startsWith('www.') ? host.slice(4) : `www.${host}`
  const hosts = [host, www, headers.get('x-forwarded-host'), headers.get('host')]
  const paths = [pathname, asked].flatMap((path) => (path ? [path, otherEnd(path)] : []))
  return hosts
    .filter((each) => each)
    .flatMap((each) => paths.map((path) => `${each}${path}`))
    .flatMap((each) =>
      [protocol, protocol === 'https:' ? 'http:' : 'https:'].map((scheme) => `${scheme}//${each}`),
    )
    .flatMap((each) => (search === '' ? [each] : [each + search, each]))
}

function otherEnd(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : `${path}/`
}

/**
 * Path and query as the client sent them, `/webhooks/acme?tenant=1`, from a URL with or without an origin. Every adapter gives the same
 * for one delivery.
 */
export function requestedUrl(url: string): string {
  if (url.startsWith('/')) return url
  const [, pathAndQuery = url] = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*([^#]*)/i.exec(url) ?? []
  return pathAndQuery.startsWith('/') ? pathAndQuery : `/${pathAndQuery}`
}

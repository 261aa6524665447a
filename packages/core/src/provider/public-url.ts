/**
 * The URL of a request as its sender wrote it, for senders that sign it: where the webhook is registered, with the query that the request
 * came with. Only the query is taken from the request: what a proxy makes of scheme, host and path is not what was signed, and the
 * Host header is anybody's.
 *
 * @param publicUrl the URL that the webhook is registered under. A query of its own is used where the request has none.
 * @param requestUrl of the request: path and query, or all of it.
 */
export function atPublicUrl(publicUrl: string, requestUrl: string): string {
  const mark = requestUrl.indexOf('?')
  const sent = publicUrl.replace(/#.*$/s, '') // a fragment is for the sender alone
  return mark === -1 ? sent : `${sent.split('?')[0]}${requestUrl.slice(mark)}`
}

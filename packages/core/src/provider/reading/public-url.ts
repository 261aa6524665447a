/**
 * The URL of a request as its sender wrote it, for senders that sign it: the registered URL, with the query of the request. Only the query is taken
 * from the request, as a proxy may change scheme, host and path, and anybody can set the Host header.
 *
 * @param publicUrl the URL that the webhook is registered under. A query of its own is used where the request has none.
 * @param requestUrl of the request: path and query, or all of it.
 */
export function atPublicUrl(publicUrl: string, requestUrl: string): string {
  const mark = requestUrl.indexOf('?')
  const sent = publicUrl.replace(/#.*$/s, '') // a fragment is never sent
  return mark === -1 ? sent : `${sent.split('?')[0]}${requestUrl.slice(mark)}`
}

/**
 * One id from several texts, for senders without an id of their own: `joinIds('order', 'paid', '7')` is `order:paid:7`. Colons and per cent signs in
 * a text are escaped, so that no two lists of texts have the same id.
 */
export function joinIds(...parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[%:]/g, encodeURIComponent)).join(':')
}

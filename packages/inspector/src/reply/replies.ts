/**
 * Headers of every reply. Only our own files run and are loaded, nobody can frame the page, scripts can't turn text into markup, and nothing stays in a
 * cache. `no-transform` keeps compressing middleware from delaying live updates.
 */
const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store, no-transform',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
}

/** What the body of a reply can be. */
export type ReplyBody = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>

/** Creates any of our replies. */
export function reply(
  body: ReplyBody,
  contentType: string,
  { status = 200, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): Response {
  return new Response(body, {
    status,
    headers: { ...securityHeaders, 'content-type': contentType, ...headers },
  })
}

export function json(value: unknown, status = 200): Response {
  return reply(JSON.stringify(value), 'application/json; charset=utf-8', { status })
}

export function html(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return reply(body, 'text/html; charset=utf-8', { status, headers })
}

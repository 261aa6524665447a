import type { IncomingMessage } from 'node:http'

/** Next writes its option into the code that it builds. */
const basePath = process.env.__NEXT_ROUTER_BASEPATH ?? ''

/** A request of the App Router with the URL that the client asked for: Next takes `basePath` off it, but for the edge runtime, where it says so. */
export function asAsked(request: Request & { readonly nextUrl?: { readonly basePath: string } }): Request {
  if (basePath === '' || request.nextUrl?.basePath === basePath) return request
  const url = new URL(request.url)
  const asked = {
    method: request.method,
    url: `${url.origin}${basePath}${request.url.slice(url.origin.length)}`,
    headers: request.headers,
    get body() {
      return request.body
    },
    get bodyUsed() {
      return request.bodyUsed
    },
    arrayBuffer: () => request.arrayBuffer(),
  }
  return asked as Request
}

/** Where Next keeps what it knows of a request of Node. */
const requestMeta = Symbol.for('NextInternalRequestMeta')

/** The URL of a request of the Pages Router as the client asked for it. Undefined outside of Next. */
export function askedUrl(request: IncomingMessage): string | undefined {
  const { [requestMeta]: meta } = request as { [requestMeta]?: { initURL?: string } }
  return meta?.initURL
}

/** The values of all cookies with a name. There may be several, as another application may have set one for a wider path. */
export function cookiesOf(request: Request, name: string): string[] {
  return (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

/**
 * The cookie lasts until the browser is closed, and is for the path of the page. Scripts can't read it, and other sites can't have it sent.
 */
export function setCookie(request: Request, name: string, value: string): string {
  const isSecure = request.url.startsWith('https:') || request.headers.get('x-forwarded-proto') === 'https'
  return `${name}=${value}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
}

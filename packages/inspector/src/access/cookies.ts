/** The values of all cookies of a name: an application beside may have set one for a wider path. */
export function cookiesOf(request: Request, name: string): string[] {
  return (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

/**
 * For this browser until it is closed, and for the path of the page. Not for scripts; not sent along by another site's page.
 */
export function setCookie(request: Request, name: string, value: string): string {
  const isSecure = request.url.startsWith('https:') || request.headers.get('x-forwarded-proto') === 'https'
  return `${name}=${value}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
}

import { pageVersion } from '#page'
import type { Arrival } from '../arrival.ts'
import { html } from './replies.ts'

function document(head: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>hookport inspector</title>${head}</head><body>${body}</body></html>`
}

/** The page. */
export function appPage({ url }: Arrival, cookie: string | undefined): Response {
  const file = (name: string) => fileBeside(url, name)
  const head = `<meta name="color-scheme" content="light dark">${iconOf(url)}<link rel="stylesheet" href="${file('app.css')}"><script type="module" src="${file('app.js')}"></script>`
  return html(
    document(head, '<div id="app"></div><noscript>The inspector needs JavaScript.</noscript>'),
    200,
    {
      ...(cookie !== undefined && { 'set-cookie': cookie }),
    },
  )
}

/** The page that a token opens. The page itself sends the browser on: if another site has linked here, a redirect would come without the cookie. */
export function changePage({ url }: Arrival, cookie: string): Response {
  const head = `${iconOf(url)}<meta http-equiv="refresh" content="0; url=?">`
  return html(document(head, '<main><p>Unlocked. <a href="?">Go on</a></p></main>'), 200, {
    'set-cookie': cookie,
  })
}

/** @param hadToken whether the request had a token that is not valid. */
export function lockedPage(hadToken: boolean): Response {
  const why = hadToken ? '<p>The token of this address was used before, or is too old.</p>' : ''
  const how =
    '<p>It has no <code>authorize</code>, so it opens only on this machine, with an address that it has just printed: look in the log of its process, or in the terminal in which <code>hookport inspect</code> runs.</p>'
  return html(document('', `<main><h1>The inspector is locked</h1>${why}${how}</main>`), 401)
}

/** A refusal, for a person. */
export function refusalPage(message: string, status: number): Response {
  return html(document('', `<main><h1>${status}</h1><p>${escapeText(message)}</p></main>`), status)
}

/**
 * Pages find their files next to themselves, wherever they are mounted, and even if a proxy has shortened their path. They contain nothing of a request
 * except the last part of the path, escaped.
 */
function fileBeside(url: URL, name: string): string {
  const last = url.pathname.endsWith('/') ? '.' : escapeText(url.pathname.split('/').at(-1) ?? '.')
  return `./${last}/assets/${name}?${pageVersion}`
}

/** As it is named here, the browser does not ask for it at the root of the server, which belongs to the application. */
function iconOf(url: URL): string {
  return `<link rel="icon" href="${fileBeside(url, 'icon.svg')}">`
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

import type { Session } from './types.ts'

/** Where the page is, whatever it is mounted under. */
const base = location.pathname.replace(/\/$/, '')

/** What the server refused, in its words. */
class ServerError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Whether it is said of an event that it is no longer kept. */
export function isGone(error: Error | undefined): boolean {
  return error instanceof ServerError && error.code === 'no_such_event'
}

export function addressOf(name: string, query: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== '')
  return `${base}/api/${name}${given.length > 0 ? `?${new URLSearchParams(given)}` : ''}`
}

export async function ask<Answer>(
  name: string,
  query: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Answer> {
  return read(await fetch(addressOf(name, query), signal ? { signal } : {}))
}

let token = ''

/** Who is looking, and at what. */
export async function openSession(): Promise<Session> {
  const session = await ask<Session>('session')
  token = session.change
  return session
}

/** Changes something. A token that is out of date, as another page of ours was opened meanwhile, is fetched anew, once. */
export async function change<Answer>(name: string, wanted: object): Promise<Answer> {
  try {
    return await send<Answer>(name, wanted)
  } catch (error) {
    if (!(error instanceof ServerError) || error.code !== 'change_token') throw error
    await openSession()
    return send<Answer>(name, wanted)
  }
}

async function send<Answer>(name: string, wanted: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'x-hookport-change': token }
  return read(await fetch(addressOf(name), { method: 'POST', headers, body: JSON.stringify(wanted) }))
}

async function read<Answer>(response: Response): Promise<Answer> {
  const value = await response.json().catch(() => undefined)
  if (response.ok) return value
  throw new ServerError(
    response.status,
    value?.error ?? 'failed',
    value?.message ?? `The server answered ${response.status}.`,
  )
}

/** All keys that a query finds. Tells how many there are so far. */
export async function collectKeys(
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  tell: (count: number) => void,
): Promise<string[]> {
  const keys: string[] = []
  let cursor = ''
  do {
    const page = await ask<{ keys: string[]; cursor?: string }>('keys', { ...query, cursor }, signal)
    keys.push(...page.keys)
    cursor = page.cursor ?? ''
    tell(keys.length)
  } while (cursor !== '')
  return keys
}

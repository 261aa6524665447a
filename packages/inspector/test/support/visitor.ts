import type { Inspector } from '@hookport/inspector'

const origin = 'http://localhost:3000'

interface VisitOptions {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: JSON, which the tests look into
  readonly value: any
}

/** A browser without a window: it keeps cookies, and says of its requests what browsers say. */
export class Visitor {
  readonly #page: Pick<Inspector, 'fetch'>
  readonly cookies = new Map<string, string>()
  change = ''

  constructor(page: Pick<Inspector, 'fetch'>) {
    this.#page = page
  }

  async visit(path: string, { method = 'GET', headers = {}, body }: VisitOptions = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const sent = { host: 'localhost:3000', ...(cookie && { cookie }), ...headers }
    const response = await this.#page.fetch(
      new Request(`${origin}/hookport${path}`, {
        method,
        headers: sent,
        ...(body !== undefined && { body }),
      }),
    )
    for (const written of response.headers.getSetCookie()) {
      const [name = '', value = ''] = written.split(';', 1)[0]?.split('=') ?? []
      this.cookies.set(name, value)
    }
    return response
  }

  /** As the page begins. */
  async open(): Promise<this> {
    this.change = (await this.ask('session')).value.change
    return this
  }

  async ask(name: string, query: Record<string, string> = {}): Promise<Answer> {
    const response = await this.visit(`/api/${name}?${new URLSearchParams(query)}`)
    return { status: response.status, value: await response.json() }
  }

  /** As the page changes something. `headers` go over its own. */
  async send(name: string, wanted: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const own = {
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
      origin,
      'x-hookport-change': this.change,
    }
    const response = await this.visit(`/api/${name}`, {
      method: 'POST',
      headers: { ...own, ...headers },
      body: JSON.stringify(wanted),
    })
    return { status: response.status, value: await response.json() }
  }
}

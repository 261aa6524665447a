import { canChange, type Viewer } from '../access/access.ts'
import { Denial } from '../access/denial.ts'
import { changeCookieOf } from '../access/guards.ts'
import type { Arrival } from '../arrival.ts'
import type { ResolvedOptions } from '../options.ts'
import { json, reply } from '../reply/replies.ts'
import type { AnswerName, ChangeName } from '../rooms.ts'
import type { Store } from '../stores.ts'
import { changes } from './changes.ts'
import { aheadOf } from './event/ahead-of.ts'
import { receiptsOf } from './event/receipts-of.ts'
import { showEvent, showRows } from './event/show-event.ts'
import { inTime } from './in-time.ts'
import { lastHour } from './last-hour.ts'
import { LiveUpdates } from './live.ts'
import { describeStore, type Owner, pausedIn, standingOf } from './overview.ts'
import { findPage } from './pages.ts'
import { Question } from './question.ts'
import { readChange } from './read-change.ts'
import { Remembered } from './remembered.ts'

const rowsOfPage = 50
const keysOfPage = 1_000
const chartMs = 10_000

interface Call {
  readonly arrival: Arrival
  readonly viewer: Viewer
  readonly question: Question
}

/** Answers the requests of the page, as JSON. */
export class Api {
  readonly live: LiveUpdates
  readonly #stores: readonly Store[]
  readonly #options: ResolvedOptions
  readonly #standings: Remembered
  readonly #charts = new Remembered(chartMs)
  readonly #answers: Readonly<Record<AnswerName, (call: Call) => Promise<Response>>> = {
    session: (call) => this.#session(call),
    standing: (call) => this.#standing(call),
    chart: (call) => this.#chart(call),
    paused: async ({ question }) => json(await pausedIn(question.store(this.#stores))),
    events: (call) => this.#events(call),
    keys: (call) => this.#keys(call),
    event: (call) => this.#event(call),
    body: (call) => this.#body(call),
    live: async ({ arrival }) => this.#stream(arrival.request),
  }

  constructor(stores: readonly Store[], options: ResolvedOptions) {
    this.#stores = stores
    this.#options = options
    this.#standings = new Remembered(options.refreshMs / 2)
    this.live = new LiveUpdates(() => this.#allStandings(), options.refreshMs)
  }

  async answer(arrival: Arrival, viewer: Viewer): Promise<Response> {
    const { request, url, name } = arrival
    if (request.method === 'POST') return this.#change(arrival, viewer)
    const answer = Object.hasOwn(this.#answers, name) ? this.#answers[name as AnswerName] : undefined
    if (answer === undefined) throw new Denial(404, 'not_found', `there is no ${name}`)
    const answered = answer({ arrival, viewer, question: new Question(url.searchParams) })
    return inTime(answered)
  }

  async #change(arrival: Arrival, viewer: Viewer): Promise<Response> {
    const change = Object.hasOwn(changes, arrival.name) ? changes[arrival.name as ChangeName] : undefined
    if (change === undefined) throw new Denial(404, 'not_found', `there is no change ${arrival.name}`)
    const wanted = await readChange(arrival.request)
    const asked = new Question({ get: (name) => (typeof wanted[name] === 'string' ? wanted[name] : null) })
    const tools = { store: asked.store(this.#stores), viewer, logger: this.#options.logger }
    try {
      return json(await change(wanted, tools))
    } finally {
      this.#standings.forget()
      this.#charts.forget()
    }
  }

  /** A stream that nobody reads, as none has asked for its body, would stay for minutes. */
  #stream({ method, signal }: Request): Response {
    return method === 'HEAD' ? reply('', 'text/event-stream') : this.live.stream(signal)
  }

  async #session({ arrival, viewer }: Call): Promise<Response> {
    const { value, cookie } = changeCookieOf(arrival.request)
    const { redaction } = this.#options
    const response = json({
      change: value,
      viewer: { name: viewer.name ?? null, mayChange: canChange(viewer) },
      isRedacted: !redaction.isEmpty,
      stores: this.#stores.map(describeStore),
    })
    if (cookie !== undefined) response.headers.append('set-cookie', cookie)
    return response
  }

  async #standing({ question }: Call): Promise<Response> {
    return json(await this.#standingOf(question.store(this.#stores), ownerIn(question)))
  }

  async #chart({ question }: Call): Promise<Response> {
    const { id, inbox } = question.store(this.#stores)
    const owner = ownerIn(question)
    const name = JSON.stringify([id, owner])
    return json(await this.#charts.get(name, () => lastHour(inbox, owner, this.#options.now())))
  }

  async #events({ question }: Call): Promise<Response> {
    const { inbox } = question.store(this.#stores)
    const filter = { ...question.filter(), newestFirst: true }
    const { items, cursor } = await findPage(inbox, filter, rowsOfPage, question.text('cursor'))
    return json({ items: await showRows(items, inbox, this.#options.redaction), cursor })
  }

  /** The oldest first, as they should be handled first. */
  async #keys({ question }: Call): Promise<Response> {
    const { inbox } = question.store(this.#stores)
    const { items, cursor } = await findPage(inbox, question.filter(), keysOfPage, question.text('cursor'))
    return json({ keys: items.map(({ key }) => key), cursor })
  }

  async #event({ question }: Call): Promise<Response> {
    const { inbox } = question.store(this.#stores)
    const event = await inbox.get(question.required('key'))
    if (event === undefined)
      throw new Denial(404, 'no_such_event', 'This event is no longer kept: it was handled, or discarded.')
    const shown = showEvent(event, this.#options.redaction)
    const [receipts, ahead] = await Promise.all([receiptsOf(event, this.#options), aheadOf(event, inbox)])
    return json({ ...shown, ...(receipts !== undefined && { receipts }), ...(ahead && { ahead }) })
  }

  async #body({ question }: Call): Promise<Response> {
    if (!this.#options.redaction.isEmpty)
      throw new Denial(403, 'redacted', 'The exact bytes are not shown, as parts of payloads are redacted.')
    const event = await question.store(this.#stores).inbox.get(question.required('key'))
    if (event === undefined) throw new Denial(404, 'no_such_event', 'This event is no longer kept.')
    const headers = { 'content-disposition': 'attachment; filename="body.bin"' }
    return reply(new Uint8Array(event.rawBody), 'application/octet-stream', { headers })
  }

  /**
   * The standing of each inbox that answers: one that does not must not hide the others.
   *
   * @throws if none answers.
   */
  async #allStandings(): Promise<object> {
    const all = this.#stores.map(async (store) => [store.id, await this.#standingOf(store, {})] as const)
    const answered = (await Promise.allSettled(all)).flatMap((one) =>
      one.status === 'fulfilled' ? [one.value] : [],
    )
    if (answered.length === 0) throw new Error('no inbox answers')
    return Object.fromEntries(answered)
  }

  #standingOf({ id, inbox }: Store, owner: Owner) {
    return this.#standings.get(JSON.stringify([id, owner]), () => standingOf(inbox, owner))
  }
}

function ownerIn(question: Question): Owner {
  const source = question.text('source')
  const tenant = question.text('tenant')
  return { ...(source !== undefined && { source }), ...(tenant !== undefined && { tenant }) }
}

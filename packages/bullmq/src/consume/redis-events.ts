import { randomUUID } from 'node:crypto'
import type { Legacy, Progress, Verdict } from '@hookport/core'
import {
  Batch,
  type EventStore,
  interruptionsUntilAlone,
  type TakenEvent,
  type TakeRequest,
  type Taking,
} from '@hookport/core/inbox-kit'
import type { Keys } from '../layout/keys.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { readFailure } from '../redis/trouble.ts'
import {
  checkpointStep,
  readTaking,
  renewStep,
  type Step,
  strangerStep,
  type TakenJob,
  takeStep,
  verdictStep,
} from './turn-steps.ts'

/** A request or a verdict for Redis. It becomes a step when it is sent. */
interface Message {
  step(isAgain: boolean): Step
  readonly isTake?: true
}

export interface RedisEventsOptions {
  readonly source: string
  /** Milliseconds after which dead letters are deleted. */
  readonly keepDeadFor: number
}

export interface TakingSeen {
  readonly request: TakeRequest
  readonly taking: Taking
}

/** How often it checks for order keys that are blocked because a dashboard has removed the job in front. */
const freeingMs = 5_000

/** The events of one source, for one consumer. All requests and verdicts of one turn of the event loop are one call of one script. */
export class RedisEvents implements EventStore {
  readonly #link: RedisLink
  readonly #keys: readonly string[]
  readonly #keepDeadFor: number
  readonly #whenTaken: (seen: TakingSeen) => void
  readonly #messages = new Batch((messages: readonly Message[]) => this.#send(messages))
  /** Together with a number, this is a token that no other taking has. */
  readonly #taker = randomUUID()
  #takings = 0
  /** The token of a taking whose answer was lost. Its events are ours. */
  #unanswered: string | undefined
  #freeAt = performance.now() + freeingMs
  #freeFrom = ''
  /** Events whose verdicts were sent, and may not be stored. */
  readonly #uncertain = new WeakSet<TakenEvent>()

  /** @param whenTaken is called at every taking. */
  constructor(
    link: RedisLink,
    keys: Keys,
    { source, keepDeadFor }: RedisEventsOptions,
    whenTaken: (seen: TakingSeen) => void,
  ) {
    this.#link = link
    this.#keys = keys.ofScripts(source)
    this.#keepDeadFor = keepDeadFor
    this.#whenTaken = whenTaken
  }

  async take(ask: () => TakeRequest): Promise<Taking> {
    if (performance.now() >= this.#freeAt) void this.#freeLines() // joins the same call
    const before = this.#unanswered
    const token = before ?? `${this.#taker}:${++this.#takings}`
    this.#unanswered = token
    let request: TakeRequest | undefined
    const step = (isAgain: boolean) => {
      request ??= ask()
      const options = { token, keepDeadFor: this.#keepDeadFor, isAgain: isAgain || token === before }
      return takeStep(request, options)
    }
    const answer = await this.#messages.add({ step, isTake: true })
    this.#unanswered = undefined
    const taking = readTaking(answer, token, (jobId) => void this.#bury(jobId, token))
    if (request) this.#whenTaken({ request, taking })
    return taking
  }

  renew(events: readonly TakenEvent[], leaseMs: number): Promise<readonly boolean[]> {
    return Promise.all(events.map((event) => this.#isHeld(() => renewStep(event as TakenJob, leaseMs))))
  }

  checkpoint(event: TakenEvent, progress: Progress, legacy?: Legacy): Promise<boolean> {
    return this.#isHeld(() => checkpointStep(event as TakenJob, progress, legacy))
  }

  async conclude(event: TakenEvent, verdict: Verdict): Promise<boolean> {
    try {
      const isHeld = await this.#isHeld((isAgain) => {
        if (isAgain) this.#uncertain.add(event)
        return verdictStep(event as TakenJob, verdict)
      })
      return isHeld || this.#uncertain.has(event)
    } catch (error) {
      this.#uncertain.add(event)
      throw error
    }
  }

  /** Which handlers this consumer and others had for the source in the last ten minutes. */
  async announce(handlers: string): Promise<readonly string[]> {
    return (await this.#messages.add({ step: () => ['announce', handlers] })) as string[]
  }

  /** Unblocks order keys whose event in front a dashboard has removed: some of them, from where the last check ended. */
  async #freeLines(): Promise<void> {
    this.#freeAt = performance.now() + freeingMs
    const look = this.#messages.add({ step: () => ['freeLines', this.#freeFrom] })
    this.#freeFrom = (await look.catch(() => '')) as string
  }

  /** If Redis does not get it, the next process that takes the job reports it. */
  async #bury(jobId: string, token: string): Promise<void> {
    await this.#isHeld(() => strangerStep(jobId, token)).catch(() => {})
  }

  async #isHeld(step: Message['step']): Promise<boolean> {
    return (await this.#messages.add({ step })) === 1
  }

  /** Takings go last, so that they take what a verdict has made due. */
  async #send(messages: readonly Message[]): Promise<unknown[]> {
    const order = [...messages.filter(({ isTake }) => !isTake), ...messages.filter(({ isTake }) => isTake)]
    const failed = new Map<Message, Error>()
    const answers = await this.#link.run({
      script: 'turn',
      keys: this.#keys,
      args: (isAgain) => [
        interruptionsUntilAlone,
        ...order.flatMap((message) => argumentsOf(message, isAgain, failed)),
      ],
      repeatable: true, // a verdict that is stored is ignored the second time, and a taking gets the same answer
      read: (reply) => (reply as unknown[]).map(readAnswer),
    })
    const told = order.filter((message) => !failed.has(message))
    const byMessage = new Map(told.map((message, index) => [message, answers[index]]))
    return messages.map((message) => failed.get(message) ?? byMessage.get(message))
  }
}

/** An item that can't become a step fails alone, and is not sent. */
function argumentsOf(
  message: Message,
  isAgain: boolean,
  failed: Map<Message, Error>,
): readonly (string | number)[] {
  try {
    const [name, ...args] = message.step(isAgain)
    return [name, args.length, ...args]
  } catch (error) {
    failed.set(message, error instanceof Error ? error : new Error(String(error)))
    return []
  }
}

function readAnswer(answer: unknown): unknown {
  const [kind, message] = Array.isArray(answer) ? answer : []
  return kind === 'error' ? readFailure(String(message)) : answer
}

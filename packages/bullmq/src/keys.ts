/**
 * Every key carries the same hash tag, so that the scripts, which touch several keys at once, also run on a Redis Cluster.
 * One inbox lives on one node of it, as each BullMQ queue does.
 */
export class Keys {
  /** BullMQ's `prefix`. */
  readonly prefix: string
  readonly #queueName: string

  constructor(prefix: string, queueName: string) {
    this.prefix = prefix
    this.#queueName = queueName
  }

  /** The set of providers that have a queue. */
  get providers(): string {
    return `${this.prefix}:providers`
  }

  /** BullMQ's name of the queue of one provider. */
  queue(provider: string): string {
    return `${this.#queueName}-${provider}`
  }

  /** A key of the queue of one provider: `wait`, `failed`, or a job's, by its id. */
  ofQueue(provider: string, name: string): string {
    return `${this.prefix}:${this.queue(provider)}:${name}`
  }

  /** Holds the fingerprint of an event that was taken on, while its id is remembered. */
  remembered(eventKey: string): string {
    return `${this.prefix}:ids:${eventKey}`
  }

  /** Holds the lease of an event that is handled before it is acknowledged. */
  claim(eventKey: string): string {
    return `${this.prefix}:claims:${eventKey}`
  }
}

/**
 * BullMQ keeps a job under `<prefix>:<queue>:<id>`, beside `<prefix>:<queue>:wait` and others of its own, and puts a colon behind
 * the id for what belongs to the job. An event's key holds colons; its job's id has bars in their place, at least one, so
 * that it is never the name of something else.
 */
export function jobIdOf(eventKey: string): string {
  return eventKey.replaceAll(':', '|')
}

/** The provider that an event's key begins with. */
export function providerOf(eventKey: string): string {
  return eventKey.slice(0, eventKey.indexOf(':'))
}

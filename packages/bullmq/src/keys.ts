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

  /** The set of sources that have a queue. Called `providers` from a time when each provider was one source. */
  get sources(): string {
    return `${this.prefix}:providers`
  }

  /** The name of the application whose events these are. */
  get application(): string {
    return `${this.prefix}:application`
  }

  /** What processes tell each other beside events. */
  get notes(): string {
    return `${this.prefix}:notes`
  }

  /** BullMQ's name of the queue of one source. */
  queue(source: string): string {
    return `${this.#queueName}-${source}`
  }

  /** A key of the queue of one source: `marker`, or the beginning of all of them. */
  ofQueue(source: string, name: string): string {
    return `${this.prefix}:${this.queue(source)}:${name}`
  }

  /**
   * What every script is given: the keys of the layout's mark, the application's and the sources, and the beginnings of those that hold a
   * fingerprint under the key of an event that was taken on, an origin under an alias, the lease under the key of an event that is
   * handled before it is acknowledged, and of those of the source's queue; the
   * notes, and the beginning of the leads.
   */
  ofScripts(source: string): string[] {
    const ofInbox = ['ids', 'aliases', 'claims'].map((name) => `${this.prefix}:${name}:`)
    const marks = [`${this.prefix}:layout`, this.application, this.sources]
    return [...marks, ...ofInbox, this.ofQueue(source, ''), this.notes, `${this.prefix}:leads:`]
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

/** The source that an event's key begins with. */
export function sourceOf(eventKey: string): string {
  return /^[^@:]*/.exec(eventKey)?.[0] ?? ''
}

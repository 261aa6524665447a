/** How the queues' names begin where nothing else is wanted. */
export const defaultQueueName = 'webhooks'

/**
 * All keys have the same hash tag, so that scripts, which use several keys at once, also run on a Redis Cluster. One inbox is on one node of it, as
 * each BullMQ queue is.
 */
export class Keys {
  /** BullMQ's `prefix`. */
  readonly prefix: string
  readonly #queueName: string
  /** The prefix of what is no queue's. Inboxes with other queues are other stores. No application's prefix has an `@` there. */
  readonly #base: string

  constructor(prefix: string, queueName: string) {
    this.prefix = prefix
    this.#queueName = queueName
    this.#base = queueName === defaultQueueName ? prefix : `${prefix}:@${queueName}`
  }

  /** The set of sources that have a queue. It is named `providers` from a time when each provider was one source. */
  get sources(): string {
    return `${this.#base}:providers`
  }

  /** The name of the application that these events belong to. */
  get application(): string {
    return `${this.#base}:application`
  }

  /** The notes that processes share. */
  get notes(): string {
    return `${this.#base}:notes`
  }

  /** The name of a source's queue in BullMQ. */
  queue(source: string): string {
    return `${this.#queueName}-${source}`
  }

  /** A key of the queue of one source, such as `marker`, or the prefix of all of them. */
  ofQueue(source: string, name: string): string {
    return `${this.prefix}:${this.queue(source)}:${name}`
  }

  /**
   * The keys that every script is given: the version of the layout, the application and the sources; then the prefixes of the keys with a fingerprint
   * (by the key of an event that was taken on), with origins (by an alias), and with a lease (by the key of an event that is handled before it is
   * acknowledged); the prefix of the source's queue; the notes; and the prefix of the leads.
   */
  ofScripts(source: string): string[] {
    const ofInbox = ['ids', 'aliases', 'claims'].map((name) => `${this.#base}:${name}:`)
    const marks = [`${this.#base}:layout`, this.application, this.sources]
    return [...marks, ...ofInbox, this.ofQueue(source, ''), this.notes, `${this.#base}:leads:`]
  }
}

/**
 * BullMQ stores a job under `<prefix>:<queue>:<id>`, beside `<prefix>:<queue>:wait` and other keys of its own, and adds a colon after the id for what
 * belongs to the job. An event's key has colons. In its job's id they are bars, at least one, so that the id is never the name of something else.
 */
export function jobIdOf(eventKey: string): string {
  return eventKey.replaceAll(':', '|')
}

/** The source at the beginning of an event's key. */
export function sourceOf(eventKey: string): string {
  return eventKey.replace(/[@:].*/s, '')
}

import type { ChildProcess } from 'node:child_process'
import type { Question, ServerFigures } from '../servers/serve.ts'
import type { Slice, SliceResult } from './load-worker.ts'
import { ask, end, firstMessage, startPinned } from './pinned-process.ts'
import { type Scheme, usualBodyBytes } from './sign.ts'

export const usualConnections = 64

/** What is prepared for a server that has not been measured yet. */
const cautiousBytesPerSecond = 100 * 2 ** 20

/** A server to be measured. */
export interface ContenderPlan {
  readonly name: string
  /** Path of its script, from the folder `bench`. */
  readonly script: string
  readonly env?: Readonly<Record<string, string>>
  readonly scheme?: Scheme
  readonly bodyBytes?: number
  readonly connections?: number
  /** False where another process, or none, handles what this one accepts. */
  readonly handles?: boolean
}

export interface Measurement {
  readonly requestsPerSecond: number
  readonly cpuMicrosPerRequest: number
  readonly latenciesMs: readonly number[]
  /** The part of the slice in which the load generator had nothing to do. */
  readonly generatorIdleShare: number
}

/** A server that runs, and how it has done so far. */
export class Contender {
  readonly plan: ContenderPlan
  readonly measurements: Measurement[] = []
  readonly port: number
  readonly #server: ChildProcess
  #sent = 0
  /** Requests per second, as far as known. */
  #rate: number

  private constructor(plan: ContenderPlan, server: ChildProcess, port: number) {
    this.plan = plan
    this.#server = server
    this.port = port
    this.#rate = Math.min(4000, cautiousBytesPerSecond / (plan.bodyBytes ?? usualBodyBytes))
  }

  static async start(plan: ContenderPlan): Promise<Contender> {
    const server = startPinned(0, plan.script, plan.env)
    const { port } = await firstMessage<{ port: number }>(server)
    return new Contender(plan, server, port)
  }

  /** Requests sent so far. */
  get sent(): number {
    return this.#sent
  }

  /** Loads the server for a while. Throws where a reply was not 200, or an event was not handled. */
  async measure(load: ChildProcess, durationMs: number, rate?: number): Promise<Measurement> {
    const before = await ask<ServerFigures>(this.#server, 'figures')
    const { scheme = 'sematryx', bodyBytes = usualBodyBytes, connections = usualConnections } = this.plan
    const prepared = Math.ceil((rate ?? this.#rate * 1.5) * (durationMs / 1000)) + connections
    const slice: Slice = {
      port: this.port,
      scheme,
      bodyBytes,
      connections,
      durationMs,
      prepared,
      ...(rate && { rate }),
    }
    const result = await ask<SliceResult>(load, slice)
    const after = await this.#assertRight(result)
    const requestsPerSecond = (result.sent / result.elapsedMs) * 1000
    this.#rate = Math.max(this.#rate, requestsPerSecond)
    return {
      requestsPerSecond,
      cpuMicrosPerRequest: (after.cpuMicros - before.cpuMicros) / result.sent,
      latenciesMs: result.latenciesMs,
      generatorIdleShare: result.idleShare,
    }
  }

  /** Loads the server for a while. Answers the bytes of heap that it allocated for each request. */
  async measureAllocation(load: ChildProcess, durationMs: number): Promise<number> {
    await this.figures('allocation')
    const sentBefore = this.#sent
    await this.measure(load, durationMs)
    const { allocatedBytes } = await this.figures('allocation')
    return allocatedBytes / (this.#sent - sentBefore)
  }

  figures(question: Question = 'figures'): Promise<ServerFigures> {
    return ask<ServerFigures>(this.#server, question)
  }

  /** Throws where one that only accepts does not hold all that it answered 200 to. */
  async assertKept(): Promise<void> {
    if (this.plan.handles !== false || this.plan.env?.HANDLING === 'none') return
    const { kept } = await this.figures('kept')
    if (kept !== this.#sent)
      throw new Error(`${this.plan.name} was sent ${this.#sent} events and holds ${kept}`)
  }

  stop(): Promise<void> {
    return end(this.#server)
  }

  /** A fast answer counts only where it is right. */
  async #assertRight({ sent, failures }: SliceResult): Promise<ServerFigures> {
    this.#sent += sent
    if (Object.keys(failures).length > 0) {
      throw new Error(`${this.plan.name} did not answer 200 to all: ${JSON.stringify(failures)}`)
    }
    for (let patience = 500; patience > 0; patience--) {
      const figures = await this.figures()
      if (this.plan.handles === false || figures.handled === this.#sent) return figures
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`${this.plan.name} was sent ${this.#sent} events and has not handled as many`)
  }
}

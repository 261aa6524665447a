import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Member, StartMember } from './members.ts'
import type { ReceiverSettings } from './observed-receiver.ts'

/** Receivers behind one address: what a load balancer hands on to those that are there. */
export class Fleet {
  readonly #settings: ReceiverSettings
  readonly #startMember: StartMember
  readonly #members: Member[] = []
  #next = 0

  constructor(settings: ReceiverSettings, startMember: StartMember) {
    this.#settings = settings
    this.#startMember = startMember
  }

  async start(): Promise<void> {
    this.#members.push(await this.#startMember(this.#settings))
  }

  /** Ends all. */
  async end(how: 'lose' | 'stop'): Promise<void> {
    await Promise.all(this.#members.splice(0).map((member) => member.end(how)))
  }

  /** The address of all of them. Where none is there, it answers 503. */
  async balance(): Promise<string> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      try {
        const headers = { 'x-jaot-signature': String(request.headers['x-jaot-signature']) }
        const url = `${this.#url()}/webhooks/jaot`
        const { status } = await fetch(url, { method: 'POST', headers, body: Buffer.concat(chunks) })
        response.writeHead(status).end()
      } catch {
        response.writeHead(503).end()
      }
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  async expect(subject: string, within: number): Promise<void> {
    const response = await fetch(`${this.#url()}/expect?subject=${subject}&within=${within}`)
    if (!response.ok) throw new Error(`expect was answered ${response.status}`)
  }

  /** The lines that all of them have written so far. */
  lines(file: string): string[] {
    const path = join(this.#settings.folder, file)
    return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []
  }

  #url(): string {
    this.#next += 1
    const member = this.#members[this.#next % this.#members.length]
    if (member === undefined) throw new Error('no receiver is there')
    return `http://127.0.0.1:${member.port}`
  }
}

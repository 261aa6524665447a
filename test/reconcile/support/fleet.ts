import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ProcessSettings } from './receiver-process.ts'

/** Receivers in processes of their own, behind one address: what a load balancer hands on to those that are there. */
export class Fleet {
  readonly #settings: ProcessSettings
  readonly #env: Record<string, string>
  readonly #members = new Map<ChildProcess, number>()
  #next = 0

  constructor(settings: ProcessSettings, env: Record<string, string>) {
    this.#settings = settings
    this.#env = env
  }

  async start(): Promise<ChildProcess> {
    const child = fork(join(import.meta.dirname, 'receiver-process.ts'), [JSON.stringify(this.#settings)], {
      execArgv: ['--conditions=@hookport/source', '--no-warnings'],
      env: { ...process.env, ...this.#env },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [port] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error('a receiver died before it listened')
      }),
    ])) as [number]
    this.#members.set(child, port)
    child.once('exit', () => this.#members.delete(child))
    return child
  }

  /** Ends all: `SIGKILL` is the loss of the machine. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const members = [...this.#members.keys()]
    for (const member of members) member.kill(signal)
    await Promise.all(members.map((member) => member.exitCode ?? member.signalCode ?? once(member, 'exit')))
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
    const ports = [...this.#members.values()]
    this.#next += 1
    const port = ports[this.#next % ports.length]
    if (port === undefined) throw new Error('no receiver is there')
    return `http://127.0.0.1:${port}`
  }
}

import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Inbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { onTestFinished } from 'vitest'
import { observedReceiver, type ReceiverSettings } from './observed-receiver.ts'

/** A receiver that listens. */
export interface Member {
  readonly port: number
  /** `lose`: at once, as the machine is lost, where it is in a process of its own; else, and by `stop`, in order. */
  end(how: 'lose' | 'stop'): Promise<void>
}

export type StartMember = (settings: ReceiverSettings) => Promise<Member>

/** @param env that names the inbox. */
export function inOwnProcess(env: Record<string, string>): StartMember {
  return async (settings) => {
    const child = fork(join(import.meta.dirname, 'receiver-process.ts'), [JSON.stringify(settings)], {
      execArgv: ['--conditions=@hookport/source', '--no-warnings'],
      env: { ...process.env, ...env },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [port] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error('a receiver died before it listened')
      }),
    ])) as [number]
    return {
      port,
      async end(how) {
        const exited = once(child, 'exit')
        child.kill(how === 'lose' ? 'SIGKILL' : 'SIGTERM')
        if (child.exitCode === null && child.signalCode === null) await exited
      },
    }
  }
}

/** In this process, over one inbox that outlives them all. */
export function inThisProcess(inbox: Inbox): StartMember {
  return async (settings) => {
    const { server, stop } = observedReceiver(settings, inboxInFront(inbox, { close: async () => {} }))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(stop)
    return { port: (server.address() as AddressInfo).port, end: stop }
  }
}

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Logger, reasonOf } from '@hookport/core'
import { rejectOperands } from '../../flags/flags.ts'
import { noteIfEmpty, openInbox, storeFlags } from '../../inbox/open-inbox.ts'
import { exitCodes, Failure } from '../../terminal/exit-codes.ts'
import { printable } from '../../terminal/printable.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { Command } from '../command.ts'

const defaultPort = 4020

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'Open a page over an inbox: what waits, what failed and why, and a button to run it again',
  synopsis: '--redis URL | --sqlite FILE | --postgres URL [flags]',
  flags: {
    ...storeFlags,
    port: { value: 'N', help: `where to listen, on 127.0.0.1; 0 for a free port (${defaultPort})` },
    redact: {
      value: 'PATH',
      help: 'a value to hide, by its path in the payload: data.customer.email, items.*.iban; may be repeated',
    },
  },
  examples: ['--sqlite webhooks.db', '--postgres "$DATABASE_URL" --redact data.customer.email'],
  async run(flags, operands, terminal) {
    rejectOperands('inspect', operands)
    const port = flags.number('port', { max: 65_535, whole: true }) ?? defaultPort
    const { inspector } = await import('@hookport/inspector')
    const { inbox, close } = await openInbox(flags)
    try {
      await Promise.all([inbox.counts(), noteIfEmpty(inbox, flags, terminal)]).catch((error: Error) => {
        throw new Failure(`the ${inbox.name} inbox: ${error.message}`)
      })
      const page = inspector(inbox, { redact: flags.texts('redact'), logger: loggerOf(terminal) })
      const server = await listen(createServer(page), port)
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?token=${page.ticket()}`
      if (flags.has('json')) terminal.print(JSON.stringify({ msg: 'listening', url }))
      else {
        terminal.print(url)
        terminal.note('Open it on this machine: it works once, within 15 minutes. Ctrl-C ends it.')
      }
      await aborted(terminal.signal)
      page.close()
      server.close()
      server.closeAllConnections()
    } finally {
      await close().catch(() => {}) // it was only read
    }
    return exitCodes.ok
  },
}

async function listen(server: Server, port: number): Promise<Server> {
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return server
  } catch (error) {
    throw new Failure(`the page can't listen on port ${port}: ${(error as Error).message}`)
  }
}

/** A new address if the page was locked, who did what, and errors. */
function loggerOf(terminal: Terminal): Logger {
  const note = (about: object, message: string) => {
    const { url, err, events } = about as { url?: string; err?: Error; events?: number }
    const parts = [events, message, url, err && reasonOf(err)].filter((part) => part !== undefined)
    terminal.note(printable(parts.join(' ')))
  }
  return { debug() {}, info: note, warn: note, error: note } as Logger
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

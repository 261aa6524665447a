import type { Logger, Provider } from '@hookport/core'
import { createReceiver } from '@hookport/core'
import { github } from '@hookport/providers/github'
import { jaot } from '@hookport/providers/jaot'
import { sematryx } from '@hookport/providers/sematryx'
import { expect, test } from 'vitest'
import { body, hmac, secrets } from './support/forge.ts'

const forged = 'evt\r\n{"level":"error","message":"forged"}\n\u2028\u001b[31m'

/** A logger as pino is one: JSON, a line for each call. */
function lineLogger() {
  let text = ''
  let calls = 0
  const write = (level: string) => (details: object, message: string) => {
    calls += 1
    const plain = (_: string, value: unknown) =>
      value instanceof Error ? { ...value, message: value.message } : value
    text += `${JSON.stringify({ level, message, ...details }, plain)}\n`
  }
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
  return {
    logger,
    calls: () => calls,
    lines: () => text.split('\n').slice(0, -1),
  }
}

interface Delivery {
  provider: Provider
  method?: string
  url?: string
  content: Buffer
  headers?: Record<string, string>
}

const signing = (content: Buffer) => ({ 'x-sematryx-signature': hmac(content) })
const now = Date.now()
const known = sematryx({ secret: secrets.sematryx })
const odd = {
  type: body(now, { type: forged }),
  id: body(now, { id: forged }),
  misfit: body(now, { id: forged, data: { [forged]: forged } }),
  time: body(now, { created_at: forged }),
  text: Buffer.from(`{"id":${forged}`),
}

const deliveries: Record<string, Delivery> = {
  'the type': { provider: known, content: odd.type, headers: signing(odd.type) },
  'the id': { provider: known, content: odd.id, headers: signing(odd.id) },
  'the data of a dead letter': { provider: known, content: odd.misfit, headers: signing(odd.misfit) },
  'the time': { provider: known, content: odd.time, headers: signing(odd.time) },
  'what is no JSON': { provider: known, content: odd.text, headers: signing(odd.text) },
  'the method': { provider: known, method: 'POST\r\n{"level":"error"}\n\u001b[31m', content: odd.type },
  'the URL': { provider: known, url: `/${forged}`, content: odd.type },
  'an unknown event name of GitHub': {
    provider: github({ secret: secrets.sematryx }),
    content: odd.type,
    headers: { 'x-hub-signature-256': `sha256=${hmac(odd.type)}`, 'x-github-event': '"forged"\t{}' },
  },
  'a signature': {
    provider: jaot({ secret: secrets.jaot }),
    content: odd.type,
    headers: { 'x-jaot-signature': '"forged"\t{}' },
  },
}

test.each(Object.entries(deliveries))(
  'A630: newlines in %s make no line of the log, and no message',
  async (_, { provider, method = 'POST', url = '/', content, headers }) => {
    const log = lineLogger()
    const receiver = createReceiver({ provider, logger: log.logger, retry: { attempts: 1 } })
    receiver.onEvent(
      provider.events.has('optimization.completed') ? 'optimization.completed' : 'ping',
      () => {},
    )
    receiver.onAnyEvent(({ type }, { logger }) => {
      logger.info({}, 'handled')
      throw new Error(`the handler's own words, with what it was given: ${type}`)
    })
    await receiver.receive({ method, url, headers: new Headers(headers), readBody: () => content })
    await receiver.stop()
    expect(log.calls()).toBeGreaterThan(0)
    expect(log.lines()).toHaveLength(log.calls())
    for (const line of log.lines()) {
      const { message } = JSON.parse(line)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(message).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/)
    }
  },
)

import { createReceiver, memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { recordedLogger } from '@hookport/testkit/logs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { acme } from '../support/acme.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

const platforms = {
  Vercel: () => vi.stubEnv('VERCEL', '1'),
  'AWS Lambda': () => vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'webhooks'),
  'Azure Functions': () => vi.stubEnv('FUNCTIONS_WORKER_RUNTIME', 'node'),
  'Cloud Run': () => vi.stubEnv('K_SERVICE', 'webhooks'),
  'an edge runtime': () => vi.stubGlobal('EdgeRuntime', 'edge-runtime'),
}

function warningsOf(options: object): string[] {
  const { logger, lines } = recordedLogger()
  createReceiver({ provider: acme(), logger, ...options })
  return lines.map(({ message }) => message)
}

describe.each(Object.entries(platforms))('on %s', (name, stub) => {
  test('a memory inbox warns at start, with what to use', () => {
    stub()
    const [warning, ...others] = warningsOf({})
    expect(warning).toContain(`whenever ${name} ends or freezes this process`)
    expect(warning).toContain("acknowledge: 'after-handlers'")
    expect(others).toEqual([])
  })

  test('nothing is said where the sender keeps the event until it is handled', () => {
    stub()
    expect(warningsOf({ acknowledge: 'after-handlers' })).toEqual([])
  })

  test('nothing is said of an inbox that outlives the process', () => {
    stub()
    expect(warningsOf({ inbox: inboxInFront(memoryInbox(), { durable: true }) })).toEqual([])
  })
})

test('elsewhere a memory inbox is fit for development', () => {
  expect(warningsOf({})).toEqual([])
})

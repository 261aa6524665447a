import { createReceiver } from '@hookport/core'
import { instrument } from '@hookport/opentelemetry'
import { stripe } from '@hookport/providers/stripe'
import { deliver, handled } from '@hookport/testing'
import { metrics, trace } from '@opentelemetry/api'
import { expect, onTestFinished, test, vi } from 'vitest'
import { telemetry } from './support.ts'

function watchedGlobally() {
  const warn = vi.fn()
  const logger = { debug() {}, info() {}, warn, error() {} }
  const receiver = createReceiver({ provider: stripe({ secret: 'whsec_any' }), logger })
  receiver.onEvent('invoice.paid', () => {})
  onTestFinished(() => receiver.stop())
  instrument(receiver)
  return {
    warnings: () =>
      warn.mock.calls.map(([, message]) => message).filter((text) => /OpenTelemetry/.test(text)),
    twice: async () => {
      for (const _ of [1, 2]) await handled(await deliver(receiver, { type: 'invoice.paid' }))
    },
  }
}

test('where the SDK starts after instrument(), which loses its metrics, the log says so, once; where it never starts, nothing is said', async () => {
  const [without, early] = [watchedGlobally(), watchedGlobally()]
  await without.twice()
  const { tracerProvider, meterProvider } = telemetry()
  trace.setGlobalTracerProvider(tracerProvider)
  metrics.setGlobalMeterProvider(meterProvider)
  onTestFinished(() => {
    trace.disable()
    metrics.disable()
  })
  const late = watchedGlobally()
  for (const one of [without, early, late]) await one.twice()
  expect(without.warnings()).toEqual([])
  expect(early.warnings()).toEqual([expect.stringContaining('start the SDK first')])
  expect(late.warnings()).toEqual([])
})

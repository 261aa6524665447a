import { STATUS_CODES } from 'node:http'
import type { Probe } from '@hookport/conformance'
import type { Reply } from '@hookport/core'
import { type Answer, deliveryOf, writeWell } from '../broken-twins/broken-twin.ts'
import type { Answers } from './wrong-answers.ts'

/** A receiver whose replies go through `answers`. */
export function replying(answers: Answers): Answer {
  return async (request, response, receiver) => {
    answers.move()
    if (answers.isOtherwise('reply too early')) writeWell(response, acknowledged)
    const delivery = deliveryOf(request)
    if (answers.isOtherwise('delivery left out')) return writeWell(response, acknowledged)
    const right = await receiver.receive(delivery)
    const { status, headers, body } = answers.of('reply', right) ?? right
    if (!response.headersSent) response.statusMessage = answers.of('reason', STATUS_CODES[status] ?? '')
    if (answers.isOtherwise('connection kept')) response.shouldKeepAlive = true
    writeWell(response, { ...right, status, headers: headers ?? {}, body: body ?? '' })
  }
}

const acknowledged: Reply = {
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body: '{"received":true}',
} as Reply

/** A probe whose answers about each event go through `answers`. Events are told apart by when they were first asked about. */
export function probing(probe: Probe, answers: Answers): Probe {
  const ids: string[] = []
  return {
    async runs(id) {
      if (!ids.includes(id)) ids.push(id)
      return answers.of('probe.runs', await probe.runs(id), String(ids.indexOf(id)))
    },
  }
}

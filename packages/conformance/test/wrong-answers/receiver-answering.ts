import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
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
    writeAnswering(request, response, await receiver.receive(delivery), answers)
  }
}

function writeAnswering(
  { socket }: IncomingMessage,
  response: ServerResponse,
  right: Reply,
  answers: Answers,
): void {
  const reply = answers.of('reply', right) ?? right
  const status = STATUS_CODES[reply.status] === undefined ? 500 : reply.status
  const reason = answers.of('reason', STATUS_CODES[status] ?? '')
  if (!response.headersSent) response.statusMessage = reason
  if (answers.isOtherwise('connection kept')) socket.destroySoon = () => {}
  const isCut = answers.isOtherwise('connection cut')
  const headers = isCut ? {} : (reply.headers ?? {})
  writeWell(response, { ...right, status, headers, body: reply.body ?? '' })
  if (isCut) response.once('finish', () => socket.destroySoon())
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

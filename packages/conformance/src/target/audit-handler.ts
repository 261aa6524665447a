import type { HandlerContext, WebhookEvent } from '@hookport/core'
import type { HandlerRun, Probe } from './probe.ts'

/** Instructions of an event for its handler, in the field `audit` of its data. */
export interface Instructions {
  /** Throw this many times first. */
  readonly failTimes?: number
  /** Do not end until the event with this id has reached a handler in the same process. */
  readonly holdUntil?: string
  /** Also handle events of this type from now on. Only with `addAuditHandlersByType`. */
  readonly alsoHandle?: string
}

interface Recorder {
  readonly runs: Map<string, HandlerRun[]>
  readonly waiting: Map<string, (() => void)[]>
}

/** A held handler gives up after this time, so that a failed audit leaves nothing running forever. */
const longestHoldMs = 20_000

/** Stored once in the process, as bundlers (Next's) may load this module more than once. */
const place = Symbol.for('@hookport/conformance.recorder')
const holder = globalThis as { [place]?: Recorder }
holder[place] ??= { runs: new Map(), waiting: new Map() }
const recorder = holder[place]

/** Reports what handlers did in this process. */
export const localProbe: Probe = { runs: runsOf }

/** The application's answer to `httpProbe`, as JSON. */
export function probeResponse(eventId: string | null | undefined): string {
  return JSON.stringify(runsOf(eventId ?? ''))
}

interface AuditableReceiver {
  onAnyEvent(
    handler: (event: WebhookEvent, context: HandlerContext) => unknown,
    options: { name: string },
  ): unknown
}

/** Makes a receiver do what audits ask for, and record it for the probe. */
export function addAuditHandlers(receiver: AuditableReceiver): void {
  receiver.onAnyEvent(auditHandler, { name: 'obedient' })
  receiver.onAnyEvent(
    (event, context) => {
      record('neighbour', event, context).outcome = 'succeeded'
    },
    { name: 'neighbour' },
  )
}

interface ReceiverByType {
  onEvent(
    type: string,
    handler: (event: WebhookEvent, context: HandlerContext) => unknown,
    options: { name: string },
  ): unknown
}

/** Makes a receiver handle one type, and others once an event asks for it. */
export function addAuditHandlersByType(receiver: ReceiverByType, type: string): void {
  const options = { name: 'obedient' }
  const handle = async (event: WebhookEvent, context: HandlerContext) => {
    const { alsoHandle } = instructionsOf(event)
    if (alsoHandle !== undefined) receiver.onEvent(alsoHandle, auditHandler, options)
    await auditHandler(event, context)
  }
  receiver.onEvent(type, handle, options)
}

/** Obeys the instructions in an event's data. */
export async function auditHandler(event: WebhookEvent, context: HandlerContext): Promise<void> {
  const run = record('obedient', event, context)
  try {
    await obey(instructionsOf(event), event.id)
    run.outcome = 'succeeded'
  } catch (error) {
    run.outcome = 'failed'
    throw error
  }
}

async function obey({ failTimes = 0, holdUntil }: Instructions, id: string): Promise<void> {
  if (holdUntil !== undefined) await hold(holdUntil)
  const runs = runsOf(id).filter(({ handler }) => handler === 'obedient').length
  if (runs <= failTimes) throw new Error(`failing as instructed, ${runs} of ${failTimes}`)
}

async function hold(id: string): Promise<void> {
  if (runsOf(id).length > 0) return
  let timer: ReturnType<typeof setTimeout> | undefined
  const arrived = new Promise<void>((resolve) => {
    recorder.waiting.set(id, [...(recorder.waiting.get(id) ?? []), resolve])
  })
  const tooLong = new Promise<never>((_, reject) => {
    const error = new Error(`held for ${longestHoldMs} ms, and ${id} has not arrived`)
    timer = setTimeout(() => reject(error), longestHoldMs)
  })
  try {
    await Promise.race([arrived, tooLong])
  } finally {
    clearTimeout(timer)
  }
}

function record(
  handler: HandlerRun['handler'],
  event: WebhookEvent,
  { attempt, provider }: HandlerContext,
): HandlerRun {
  const { id, type, createdAt, data } = event
  const rawBody = btoa(Array.from(event.rawBody, (byte) => String.fromCharCode(byte)).join('')) // edge runtimes have no Buffer
  const run: HandlerRun = {
    handler,
    id,
    type,
    provider,
    attempt,
    createdAt: createdAt.getTime(),
    data,
    rawBody,
    outcome: 'running',
  }
  recorder.runs.set(id, [...runsOf(id), run])
  for (const resume of recorder.waiting.get(id) ?? []) resume()
  recorder.waiting.delete(id)
  return run
}

function runsOf(id: string): readonly HandlerRun[] {
  return recorder.runs.get(id) ?? []
}

function instructionsOf({ data }: WebhookEvent): Instructions {
  const { audit } = (data ?? {}) as { audit?: Instructions }
  return audit ?? {}
}

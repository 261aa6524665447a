import { EventEmitter } from 'node:events'
import { recordedLogger } from '@hookport/testkit/logs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Database } from '../src/connection/database.ts'
import { WakeChannel } from '../src/connection/wake-channel.ts'
import type { OwnClient } from '../src/pool.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A client as `pg` has it. A test puts others in the place of its methods. */
class FakeClient extends EventEmitter {
  readonly connection = { stream: { destroy: vi.fn() } }
  connect = async (): Promise<unknown> => undefined
  query = async (_: string): Promise<unknown> => undefined
  end = vi.fn(async () => {})
}

/** @param change is given each new client, and how many there were before. */
function start(change: (client: FakeClient, before: number) => unknown = () => {}) {
  const clients: FakeClient[] = []
  const told: unknown[] = []
  const log = recordedLogger()
  const heard: string[] = []
  const database = {
    layout: { schema: 'hooks' },
    ask: async (_: string, values: unknown[]) => told.push(values),
  }
  const channel = new WakeChannel(database as unknown as Database, () => {
    const client = new FakeClient()
    change(client, clients.length)
    clients.push(client)
    return client as unknown as OwnClient
  })
  const listen = () => channel.listen((source) => heard.push(source), log.logger)
  const messages = () => log.lines.map(({ message }) => message)
  return { channel, clients, told, heard, listen, messages }
}

const later = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const fails = async () => {
  throw new Error('refused')
}

test('others are told of a source at once, and then at most once in 10 ms, of all that was put by then', async () => {
  const { channel, told } = start()
  for (let put = 0; put < 50; put++) channel.tell('acme')
  await later(0)
  expect(told).toHaveLength(1)
  channel.tell('other') // each source for itself
  for (let put = 0; put < 50; put++) channel.tell('acme')
  await later(9)
  expect(told).toHaveLength(2)
  await later(1)
  expect(told).toHaveLength(3)
  await later(1_000)
  expect(told).toHaveLength(3)
  channel.tell('acme')
  await later(0)
  expect(told).toHaveLength(4)
})

test('all consumers of an inbox listen over one connection', async () => {
  const { clients, listen } = start()
  listen()
  listen()
  await later(5_000)
  expect(clients).toHaveLength(1)
})

test.each(['error', 'end'])('a connection that is lost with nothing but %j is made anew', async (event) => {
  const { clients, listen } = start()
  listen()
  await later(0)
  clients[0]?.emit(event, new Error('it is gone'))
  await later(1_000)
  expect(clients).toHaveLength(2)
})

test('a connection on which LISTEN fails is closed before another is made', async () => {
  const { clients, listen } = start((client, before) => {
    if (before === 0) client.query = fails
  })
  listen()
  await later(999)
  expect(clients).toHaveLength(1)
  expect(clients[0]?.end).toHaveBeenCalledTimes(1)
  await later(1)
  expect(clients).toHaveLength(2)
})

test('each time that it can not connect is told of once, and that it is over', async () => {
  const { clients, listen, messages } = start((client, before) => {
    if ([0, 1, 3, 4].includes(before)) client.connect = fails
  })
  const trouble = expect.stringMatching(/can not be made.*pollMs$/)
  const over = expect.stringMatching(/this is over$/)
  listen()
  await later(2_000)
  expect(messages()).toEqual([trouble, over])
  clients[2]?.emit('end')
  await later(3_000)
  expect(messages()).toEqual([trouble, over, trouble, over])
})

test('the wait for the next connection does not keep the process', async () => {
  const { listen } = start((client) => {
    client.connect = fails
  })
  // Not spied on: `vi.restoreAllMocks`, in any later file of this process, would bring the faked timer back.
  const fake = globalThis.setTimeout
  const timers: NodeJS.Timeout[] = []
  const recorded = (...given: Parameters<typeof fake>) => {
    const timer = fake(...given)
    timers.push(timer)
    return timer
  }
  globalThis.setTimeout = Object.assign(recorded, fake)
  listen()
  await later(0)
  expect(timers.map((timer) => timer.hasRef())).toEqual([false])
})

test('once it is closed, no connection is made any more, and nothing is told of', async () => {
  const ended = start()
  ended.listen()
  await later(0)
  await ended.channel.close()
  ended.clients[0]?.emit('end')
  const waiting = start((client) => {
    client.connect = fails
  })
  waiting.listen()
  await later(0)
  await waiting.channel.close()
  let cutOff = () => {}
  const connecting = start((client) => {
    client.connect = () => new Promise((_, reject) => (cutOff = () => reject(new Error('cut off'))))
  })
  connecting.listen()
  await connecting.channel.close()
  cutOff()
  await later(10_000)
  expect([ended, waiting, connecting].map(({ clients }) => clients.length)).toEqual([1, 1, 1])
  expect([...ended.messages(), ...connecting.messages()]).toEqual([])
})

test('a connection that is only made once it is closed, as its end did nothing before, is ended', async () => {
  let connected = () => {}
  const { channel, clients, listen } = start((client) => {
    client.connect = () => new Promise<void>((resolve) => (connected = resolve))
  })
  listen()
  await channel.close()
  connected()
  await later(0)
  expect(clients[0]?.end).toHaveBeenCalledTimes(2)
})

test('a server that does not let the connection end is left after a second', async () => {
  const { channel, clients, listen } = start((client) => {
    client.end = vi.fn(() => new Promise<void>(() => {}))
  })
  listen()
  await later(0)
  const closing = channel.close()
  await later(999)
  expect(clients[0]?.connection.stream.destroy).not.toHaveBeenCalled()
  await later(1)
  await closing
  expect(clients[0]?.connection.stream.destroy).toHaveBeenCalledTimes(1)
})

import { readFile } from 'node:fs/promises'
import { childrenOf } from '@hookport/testkit/servers/programs/kill-with-backends'
import type { Redis } from 'ioredis'

/** Microseconds of one of the ticks in which /proc counts. Linux shows 100 of them a second to every program. */
const microsPerTick = 10_000

/** CPU time that a Redis has taken so far, all of its threads, in microseconds. */
export async function redisCpuMicros(client: Redis): Promise<number> {
  const info = String(await client.info('cpu'))
  const seconds = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1])
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6
}

/**
 * CPU time that a Postgres has taken so far, in microseconds: of its postmaster, of the processes that it has, and of those that it had. From /proc, which
 * is Linux's.
 */
export async function postgresCpuMicros(postmaster: number): Promise<number> {
  const alive = await Promise.all([postmaster, ...(await childrenOf(postmaster))].map(runMicros))
  return alive.reduce((sum, micros) => sum + micros, await reapedMicros(postmaster))
}

/** To the nanosecond, where `stat` has ticks. 0 for a process that has ended meanwhile: its parent has its time. */
async function runMicros(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0')
  return Number(text.split(' ')[0]) / 1000
}

/** Of children that have ended. */
async function reapedMicros(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ') // from the third on: names may hold blanks
  const [user, system] = [fields[13], fields[14]].map(Number) as [number, number]
  return (user + system) * microsPerTick
}

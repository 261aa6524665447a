import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

const bench = new URL('..', import.meta.url)
const flags = ['--conditions=@hookport/source', '--expose-gc', '--no-warnings']

/** Starts a script of the benchmark on one core, or on some (`0,1`), where `taskset` is there to do it. `script`: its path from the folder `bench`. */
export function startPinned(
  cores: number | string,
  script: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const command = [process.execPath, ...flags, new URL(script, bench).pathname]
  const [file, ...args] =
    process.platform === 'linux' ? ['taskset', '-c', String(cores), ...command] : command
  return spawn(file as string, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
}

/** Sends a message and waits for the answer. */
export async function ask<Answer>(child: ChildProcess, message: unknown): Promise<Answer> {
  const answer = once(child, 'message')
  child.send(message as never)
  return (await Promise.race([answer, died(child)]))[0] as Answer
}

/** The first message of a child. */
export async function firstMessage<Answer>(child: ChildProcess): Promise<Answer> {
  return (await Promise.race([once(child, 'message'), died(child)]))[0] as Answer
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** Rejects when the child ends, or could not be started. */
export async function died(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`a process of the benchmark ended with ${code}: ${child.spawnargs.join(' ')}`)
}

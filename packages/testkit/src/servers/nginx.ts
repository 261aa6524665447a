import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { folderOfOrdinaryUser, ordinaryUser } from './programs/ordinary-user.ts'

/** A test's own nginx. */
export interface Nginx {
  readonly port: number
  /** `http://127.0.0.1:…` */
  readonly origin: string
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/** How long an nginx may take to answer on a busy machine. */
const patienceMs = 30_000

/** nginx on PATH, where Debian puts it, or the one that NGINX names. */
export function nginxProgram(): string {
  return process.env.NGINX ?? 'nginx'
}

/** Starts `nginx` with what stands in its `server`: locations, for example. */
export async function startNginx(server: string): Promise<Nginx> {
  const port = await freePort()
  const folder = await folderOfOrdinaryUser('hookport-nginx-')
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const file = join(folder, 'nginx.conf')
    await writeFile(file, configuration(port, folder, server))
    const user = ordinaryUser()
    if (user) await chown(file, user.uid, user.gid)
    const child = spawn(nginxProgram(), ['-p', folder, '-e', 'stderr', '-c', file], {
      ...user,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await answers(child, port)
    return {
      port,
      origin: `http://127.0.0.1:${port}`,
      async stop() {
        await end(child)
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

function configuration(port: number, folder: string, server: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const folders = kinds.map((kind) => `  ${kind}_temp_path ${join(folder, kind)};`)
  return `daemon off;
pid ${join(folder, 'pid')};
events {}
http {
  access_log off;
${folders.join('\n')}
  server {
    listen 127.0.0.1:${port};
${server}
  }
}
`
}

async function answers(child: ChildProcess, port: number): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2_000)
  })
  const ended = once(child, 'exit').then(
    ([code]) => new Error(`nginx ended at once, with code ${code}:\n${said}`),
    (cause) => new Error('nginx could not be started: install it, or name it in NGINX', { cause }),
  )
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    const answered = fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    const outcome = await Promise.race([answered, ended])
    if (outcome === true) return
    if (outcome instanceof Error) throw outcome
    await sleep(20)
  }
  await end(child)
  throw new Error(`nginx did not answer within ${patienceMs} ms:\n${said}`)
}

/** It ends the processes that it has started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

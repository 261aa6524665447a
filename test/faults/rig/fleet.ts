import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineTime } from './member/journal.ts'
import type { MemberGreeting, MemberOrder, MemberSettings } from './member/member-settings.ts'
import { poisonExitCode } from './member/member-settings.ts'
import type { Interval } from './trouble-log.ts'

/** How long a process may take to leave after SIGTERM before it is killed, as a platform does. */
const leaveMs = 15_000

export interface MemberRole {
  readonly name: string
  readonly accepts: boolean
  readonly handles: boolean
}

/** A process that is no more. */
export interface Death {
  readonly who: string
  /** When it was killed; for one that ended by itself, when that was seen. */
  readonly at: number
}

/** A process that ended though nobody ended it. */
export interface Surprise extends Interval {
  readonly who: string
  readonly how: string
  /** Whether it had come to be ready. */
  readonly wasReady: boolean
}

export interface FleetOptions {
  /** The folder that `member/` lies in, and from which packages are found. */
  readonly program: string
  readonly nodeArguments: readonly string[]
  readonly folder: string
  /** Of the handlers, to begin with. */
  readonly version: number
  readonly common: Omit<MemberSettings, 'who' | 'version' | 'accepts' | 'handles' | 'clockOffsetMs'>
}

/** A place in the fleet, and the process that has it. */
interface Post {
  readonly role: MemberRole
  generation: number
  member: Member | undefined
}

interface Member {
  readonly who: string
  readonly version: number
  readonly child: ChildProcess
  readonly ended: Promise<void>
  port: number | null
  /** When it was sent the signal that ended it. */
  killedAt: number | undefined
  isLeaving: boolean
  readonly startedAt: number
  isReady: boolean
}

/** The processes of a run. Whichever ends is started again, as a platform does. */
export class Fleet {
  readonly deaths: Death[] = []
  readonly frozen: (Interval & { readonly who: string })[] = []
  /** Ends that nobody has caused. */
  readonly surprises: Surprise[] = []
  readonly #options: FleetOptions
  readonly #posts: readonly Post[]
  #version: number
  #clockOffsetMs = 0
  #isOver = false

  constructor(roles: readonly MemberRole[], options: FleetOptions) {
    this.#options = options
    this.#version = options.version
    this.#posts = roles.map((role) => ({ role, generation: 0, member: undefined }))
  }

  async start(): Promise<void> {
    await Promise.all(this.#posts.map((post) => this.#fill(post)))
  }

  get version(): number {
    return this.#version
  }

  /** Where deliveries are accepted at present. */
  get ports(): number[] {
    return this.#posts.map(({ member }) => member?.port ?? null).filter((port) => port !== null)
  }

  kill(choice: number): boolean {
    const member = this.#choose(choice)
    if (!member) return false
    kill(member)
    return true
  }

  async freeze(choice: number, ms: number): Promise<boolean> {
    const member = this.#choose(choice)
    if (!member) return false
    const { who, child } = member
    const from = machineTime()
    child.kill('SIGSTOP')
    await sleep(ms)
    child.kill('SIGCONT')
    this.frozen.push({ who, from, to: machineTime() })
    return true
  }

  /** One process after the other leaves, and another one with the handlers of the version takes its place. */
  async deploy(version: number): Promise<void> {
    this.#version = version
    for (const post of this.#posts) {
      while (post.member?.version !== version && !this.#isOver) {
        if (post.member) await leave(post.member)
        else await sleep(20) // one is starting
      }
    }
  }

  setClock(offsetMs: number): void {
    this.#clockOffsetMs = offsetMs
    this.tell({ clockOffsetMs: offsetMs })
  }

  tell(order: MemberOrder): void {
    for (const { member } of this.#posts) if (member?.child.connected) member.child.send(order, () => {})
  }

  async end(): Promise<void> {
    this.#isOver = true
    const members = this.#posts.flatMap(({ member }) => member ?? [])
    for (const member of members) kill(member)
    await Promise.all(members.map(({ ended }) => ended))
  }

  #choose(choice: number): Member | undefined {
    const members = this.#posts.flatMap(({ member }) => (member?.killedAt === undefined && member) || [])
    return members[Math.floor(choice * members.length)]
  }

  /** Starts processes until one has taken the post. */
  async #fill(post: Post): Promise<void> {
    while (!this.#isOver) {
      const member = this.#spawn(post)
      const greeting = await Promise.race([once(member.child, 'message'), member.ended])
      if (!Array.isArray(greeting)) continue
      member.port = (greeting[0] as MemberGreeting).port
      member.isReady = true
      post.member = member
      if (this.#isOver) kill(member)
      void member.ended.then(() => {
        post.member = undefined
        void this.#fill(post)
      })
      return
    }
  }

  #spawn(post: Post): Member {
    const { role, generation } = { role: post.role, generation: ++post.generation }
    const { program, nodeArguments, folder, common } = this.#options
    const who = `${role.name}#${generation}`
    const settings: MemberSettings = {
      ...common,
      who,
      version: this.#version,
      accepts: role.accepts,
      handles: role.handles,
      clockOffsetMs: this.#clockOffsetMs,
    }
    const log = openSync(join(folder, `${who}.log`), 'a')
    const child = spawn(
      process.execPath,
      [
        ...nodeArguments,
        '--unhandled-rejections=strict',
        '--no-warnings',
        join(program, 'member/member.ts'),
        JSON.stringify(settings),
      ],
      {
        cwd: program,
        stdio: ['ignore', log, log, 'ipc'],
        env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
      },
    )
    closeSync(log)
    child.on('error', () => {})
    const ended = once(child, 'exit').then(([code, signal]) => this.#bury(member, code, signal))
    const member: Member = {
      who,
      version: settings.version,
      child,
      ended,
      port: null,
      killedAt: undefined,
      isLeaving: false,
      isReady: false,
      startedAt: machineTime(),
    }
    return member
  }

  #bury(member: Member, code: number | null, signal: string | null): void {
    const { who, killedAt, isLeaving } = member
    this.deaths.push({ who, at: killedAt ?? machineTime() })
    member.port = null
    const isExpected = killedAt !== undefined || code === poisonExitCode || (isLeaving && code === 0)
    if (isExpected) return
    const how = String(signal ?? code)
    this.surprises.push({ who, how, wasReady: member.isReady, from: member.startedAt, to: machineTime() })
  }
}

/** By SIGTERM, as a platform has a process leave. */
async function leave(member: Member): Promise<void> {
  member.isLeaving = true
  member.port = null
  member.child.kill('SIGTERM')
  const patience = new AbortController()
  await Promise.race([member.ended, sleep(leaveMs, undefined, { signal: patience.signal })]).catch(() => {})
  patience.abort()
  kill(member)
  await member.ended
}

function kill(member: Member): void {
  if (member.child.exitCode !== null || member.child.signalCode !== null) return
  member.killedAt ??= machineTime()
  member.child.kill('SIGKILL')
}

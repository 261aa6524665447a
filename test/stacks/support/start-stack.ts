import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Change, Stack } from '../stack.ts'
import { type Recipe, writeRecipe } from './write-recipe.ts'

/** The recipe as it stands on its page, and what becomes of it when something stands in front of the webhook. */
export type Variation = 'plain' | 'keepBody' | 'takeBody' | 'patch'

export interface RunningStack {
  /** Of a variation, where it is served: `http://127.0.0.1:…`. */
  origin(variation?: Variation): string
  /** Lines that the processes printed: for `saved`, what handlers were given. */
  readonly saved: readonly string[]
  /** Lines on standard error. */
  readonly errors: readonly string[]
  /** Whether the process still runs. */
  isAlive(): boolean
  stop(): Promise<void>
}

const script = join(import.meta.dirname, 'serve-recipes.ts')
const folderOf = ({ name }: Stack) =>
  join(import.meta.dirname, '../recipes', name.toLowerCase().replace(/\W+/g, '-'))

/** Runs the lines of a page, each variation of them on a port of its own, in one process. */
export async function startStack(stack: Stack): Promise<RunningStack> {
  const folder = folderOf(stack)
  const recipes = await writeRecipes(folder, stack)
  const child = spawn(
    process.execPath,
    ['--conditions=@hookport/source', '--no-warnings', script, JSON.stringify(recipes)],
    { env: { ...environment(), SEMATRYX_WEBHOOK_SECRET: 'your-webhook-secret' } },
  )
  const printed: string[] = []
  const errors: string[] = []
  createInterface(child.stderr).on('line', (line) => errors.push(line))
  const ended = once(child, 'close')
  const serving = new Promise<string>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      printed.push(line)
      if (line.startsWith('serving ')) resolve(line.slice('serving '.length))
    })
  })
  const origins = JSON.parse(await Promise.race([serving, ended.then(() => 'null')]))
  if (!origins) throw new Error(`${stack.name} did not start:\n${errors.join('\n')}`)
  return {
    origin: (variation = 'plain') => origins[variation],
    get saved() {
      return printed.filter((line) => line.startsWith('saved '))
    },
    errors,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      child.stdin.end()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function writeRecipes(folder: string, stack: Stack): Promise<Record<string, Recipe>> {
  const { keepBody, takeBody, patch } = stack
  const recipes: Record<string, Recipe> = { plain: await writeRecipe(folder, 'plain', stack) }
  const changes: Record<string, Change | undefined> = { keepBody, takeBody, patch }
  for (const [name, change] of Object.entries(changes))
    if (change) recipes[name] = await writeRecipe(folder, name, stack, change)
  return recipes
}

/** Without what Vitest says of itself: a receiver speaks in another way in production and in development. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, ...environment } = process.env
  return environment as NodeJS.ProcessEnv
}

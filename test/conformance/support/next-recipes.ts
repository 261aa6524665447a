import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Change, Stack } from '../../stacks/stack.ts'
import type { RunningStack, Variation } from '../../stacks/support/start-stack.ts'
import { writeRecipeTo } from '../../stacks/support/write-recipe.ts'
import { nextAppRouter, nextPagesRouter } from '../../stacks/table/next.ts'
import type { RunningNext } from './next-server.ts'

const app = join(import.meta.dirname, '../next-app')

/** Where the lines of docs/stacks/next.md go: those of a variation are under its name. */
const routers = [
  { stack: nextAppRouter, folder: 'app/recipes', path: '/recipes', file: 'webhooks/sematryx/route.ts' },
  { stack: nextPagesRouter, folder: 'pages/api/recipes', path: '/api/recipes', file: 'webhooks/sematryx.ts' },
]

/** Writes the recipes, and what becomes of them when something stands in front, into the application. It has to be built afterwards. */
export async function writeNextRecipes(): Promise<void> {
  for (const { stack, folder, file } of routers) {
    await rm(join(app, folder), { recursive: true, force: true })
    const { keepBody, takeBody, patch } = stack
    const changes: Partial<Record<Variation, Change | undefined>> = { keepBody, takeBody, patch }
    await writeRecipeTo(join(app, folder, 'plain', file), stack)
    for (const [variation, change] of Object.entries(changes))
      if (change) await writeRecipeTo(join(app, folder, variation, file), stack, change)
  }
}

/** A recipe of a running application. */
export function runningRecipe(stack: Stack, running: () => RunningNext): RunningStack {
  const path = routers.find((router) => router.stack === stack)?.path
  return {
    origin: (variation = 'plain') => `${running().origin}${path}/${variation}`,
    get saved() {
      return running().printed.filter((line) => line.startsWith('saved '))
    },
    get errors() {
      return running().errors
    },
    isAlive: () => running().isAlive(),
    async stop() {},
  }
}

import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Front } from '../stack.ts'
import type { Recipe } from './write-recipe.ts'

/** Of a module of `fronts`: serves what a recipe exports, and answers the origin. */
export type Serve = (exported: Record<string, unknown>) => Promise<string>

/**
 * Runs recipes in a process of its own, until its standard input ends. Prints where each is served.
 *
 * node serve-recipes.ts <recipes, by name, in JSON>
 */
const recipes: Record<string, Recipe> = JSON.parse(process.argv[2] ?? '{}')
const origins: Record<string, string> = {}
for (const [name, recipe] of Object.entries(recipes)) origins[name] = await serve(recipe)
process.stdout.write(`serving ${JSON.stringify(origins)}\n`)
process.stdin.once('end', () => process.exit()).resume()

async function serve({ file, front: frontName, port }: Recipe): Promise<string> {
  const front = await loadFront(frontName) // before the recipe: what it sets up is there when the recipe is loaded
  const exported = await import(file)
  if (front) return front.serve(exported)
  await listening(port)
  return `http://127.0.0.1:${port}`
}

/** Most recipes don't say when they listen. One that cannot ends this process. */
async function listening(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const connected = await new Promise<boolean>((resolve) =>
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
  )
  socket.destroy()
  if (connected) return
  await setTimeout(20)
  await listening(port)
}

async function loadFront(name: Front | undefined): Promise<{ serve: Serve } | undefined> {
  return name && import(`./fronts/${name}.ts`)
}

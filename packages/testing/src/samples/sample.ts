import type { JsonObject } from '@hookport/core'
import { laidOver } from './laid-over.ts'
import { nextId } from './next-id.ts'
import { samplerOf } from './samples.ts'

/**
 * A realistic event of a built-in provider, as a parsed body. `data` is merged into the sample's, at any depth.
 *
 * @throws {TypeError} for a provider that is not built in.
 */
export function sample(
  provider: string,
  type: string,
  { data, id = nextId(), at = Date.now() }: { data?: unknown; id?: string; at?: Date | number } = {},
): JsonObject {
  const made = samplerOf(provider)?.sample({ type, id, at: Number(at) })
  if (made === undefined) throw new TypeError(`there are no samples for ${provider}: it is not built in`)
  return made.envelope(laidOver(made.data, data))
}

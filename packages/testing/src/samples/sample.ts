import type { JsonObject } from '@hookport/core'
import { laidOver } from './laid-over.ts'
import { nextId } from './next-id.ts'
import { requireSampler } from './samples.ts'

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
  const made = requireSampler(provider).sample({ type, id, at: Number(at) })
  return made.envelope(laidOver(made.data, data))
}

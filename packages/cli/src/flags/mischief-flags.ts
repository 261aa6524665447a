import { type Mischief, mischiefNames } from '@hookport/sender'
import { UsageError } from '../terminal/exit-codes.ts'
import type { FlagSpecs } from './flag-specs.ts'
import type { Flags } from './flags.ts'

const shareHelp: Record<(typeof mischiefNames)[number], string> = {
  tamper: 'bodies changed after they were signed',
  wrongSignature: 'signatures replaced by other digits',
  missingSignature: 'deliveries without a signature',
  truncatedSignature: 'signatures cut in half',
  wrongSecret: 'deliveries signed with an unknown secret',
  stale: 'events from 30 days ago (--stale-by-ms)',
  future: 'events from tomorrow (--future-by-ms)',
  oversize: 'bodies with 2 MiB more (--oversize-bytes)',
  slowBody: 'bodies that take 1 s to arrive (--slow-body-ms)',
  abortedBody: 'connections cut in the middle of the body',
  duplicates: 'deliveries sent again, one after the other',
  concurrentDuplicates: 'deliveries sent again at the same moment',
}

const figures = {
  staleByMs: 'how long ago stale events happened',
  futureByMs: 'how far in the future future events are',
  oversizeBytes: 'padding of an oversize body',
  slowBodyMs: 'time over which a slow body arrives',
  duplicateTimes: 'how often a duplicated delivery is sent again (1)',
  reorder: 'how many later events may overtake one (0)',
} as const

const figureNames = Object.keys(figures) as Array<keyof typeof figures>

/** A flag for each kind of mischief: a share of the events from 0 to 1, or a number. */
export const mischiefFlags: FlagSpecs = Object.fromEntries([
  ...mischiefNames.map((name) => [kebab(name), { value: 'SHARE', help: shareHelp[name] }]),
  ...figureNames.map((name) => [kebab(name), { value: 'N', help: figures[name] }]),
])

/** Flags that only make sense for a stream of deliveries. */
export const rotationFlags: FlagSpecs = {
  'rotate-secret': { value: 'SECRET', help: 'sign with this one from --rotate-after on' },
  'rotate-after': { value: 'N', help: 'events signed with the first secret (half of them)' },
}

export function readMischief(flags: Flags, count: number): Mischief {
  const shares = mischiefNames.map((name) => [name, flags.number(kebab(name), { max: 1 })])
  const given = figureNames.map((name) => [name, flags.number(kebab(name), { whole: true })])
  const to = flags.text('rotate-secret')
  const after = flags.number('rotate-after', { whole: true }) ?? Math.ceil(count / 2)
  if (to === '') throw new UsageError('--rotate-secret is empty')
  return { ...Object.fromEntries([...shares, ...given]), rotateSecret: to ? { after, to } : undefined }
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

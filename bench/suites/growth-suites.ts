import type { ContenderPlan } from '../load/contender.ts'
import { type ContenderResult, type RunOptions, runSuite } from './run-suite.ts'
import { expressByHand } from './suites.ts'

/** Express by hand and hookport, at one point after the other of something that grows. */
export interface Growth {
  readonly name: string
  readonly title: string
  readonly points: readonly { readonly label: string; readonly load: Partial<ContenderPlan> }[]
}

export interface GrowthResult {
  readonly name: string
  readonly title: string
  readonly points: readonly {
    readonly label: string
    readonly byHand: ContenderResult
    readonly ours: ContenderResult
  }[]
}

const kib = 1024

export const growths: readonly Growth[] = [
  {
    name: 'body-size',
    title: 'Size of the body',
    points: [400, 4 * kib, 16 * kib, 64 * kib, 256 * kib, 1024 * kib].map((bodyBytes) => ({
      label: bodyBytes < kib ? `${bodyBytes} B` : `${bodyBytes / kib} KiB`,
      load: { bodyBytes },
    })),
  },
  {
    name: 'concurrency',
    title: 'Connections at once',
    points: [1, 8, 64, 256, 512].map((connections) => ({
      label: String(connections),
      load: { connections },
    })),
  },
]

export async function runGrowth({ name, title, points }: Growth, options: RunOptions): Promise<GrowthResult> {
  const results: GrowthResult['points'][number][] = []
  for (const { label, load } of points) {
    const suite = {
      name: `${name} ${label}`,
      title,
      rival: { ...expressByHand, ...load },
      contenders: [{ name: 'hookport', script: 'servers/express.ts', ...load }],
    }
    const [byHand, ours] = (await runSuite(suite, options)).contenders
    results.push({ label, byHand: byHand as ContenderResult, ours: ours as ContenderResult })
  }
  return { name, title, points: results }
}

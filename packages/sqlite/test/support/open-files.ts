import { readdirSync, readlinkSync } from 'node:fs'

/** The files that this process has open, on Linux: those whose path begins so. */
export function openFiles(path: string): string[] {
  const folder = '/proc/self/fd'
  const targets = readdirSync(folder).flatMap((descriptor) => {
    try {
      return [readlinkSync(`${folder}/${descriptor}`)]
    } catch {
      return [] // that of the listing itself
    }
  })
  return targets.filter((target) => target.startsWith(path))
}

import { manifest } from './manifest.ts'

/** The error for a Node that is too old for this command, by the `engines` of its package. Undefined for any other Node. */
export function complaintOfNode(version: string): string | undefined {
  const wanted = manifest().engines.node.replace('>=', '')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined
  return `this is Node ${version}, but ${wanted} or later is needed: install it from https://nodejs.org`
}

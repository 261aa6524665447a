import type { Arrival } from '../arrival.ts'

/**
 * The host of an address that leads here, for the token. The header `Host` may name any port: that of another user of this machine, who waits for it.
 */
export function hostForToken(
  { host, local }: Pick<Arrival, 'host' | 'local'>,
  hosts: readonly string[] | undefined,
): string {
  if (local === undefined) return host
  const address = local.address.replace(/^::ffff:/, '')
  const numeric = address.includes(':') ? `[${address}]` : address
  const own = `${hostName(host) === 'localhost' ? 'localhost' : numeric}:${local.port}`
  return hosts === undefined || isOneOf(hosts, own) ? own : host
}

/** The host without its port, in lower case. Empty if it is not a host. */
function hostName(host: string): string {
  try {
    return new URL(`http://${host}`).hostname
  } catch {
    return ''
  }
}

/** Names that no name server can point to somebody else's page. */
export function isLoopbackName(host: string): boolean {
  const name = hostName(host)
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name)
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address)
}

/** Whether a host is in the list. An entry without a port stands for any port. */
export function isOneOf(hosts: readonly string[], host: string): boolean {
  return hosts.some((one) => one.toLowerCase() === host.toLowerCase() || one.toLowerCase() === hostName(host))
}

/** A name or an IP address, with or without a port, and without the rest of a URL. */
export function isHost(value: unknown): boolean {
  return typeof value === 'string' && !/[/?#@\s]/.test(value) && hostName(value) !== ''
}

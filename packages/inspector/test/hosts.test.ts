import { expect, test } from 'vitest'
import { hostForToken } from '../src/access/hosts.ts'

const local = { address: '127.0.0.1', port: 3000 }

test.each([
  [
    'the one that was asked for, where the platform does not say',
    'a.example:9',
    undefined,
    undefined,
    'a.example:9',
  ],
  ['that of the connection, whatever port was asked for', '127.0.0.1:9', local, undefined, '127.0.0.1:3000'],
  ['localhost, as it was asked for', 'localhost:9', local, undefined, 'localhost:3000'],
  ['that of IPv4 in IPv6', 'x', { address: '::ffff:127.0.0.1', port: 3000 }, undefined, '127.0.0.1:3000'],
  ['that of IPv6', 'x', { address: '::1', port: 3000 }, undefined, '[::1]:3000'],
  ['that of the connection, where it is one of hosts', 'localhost:9', local, ['localhost'], 'localhost:3000'],
  [
    'the one that was asked for, where hosts does not have another',
    'ops.example',
    local,
    ['ops.example'],
    'ops.example',
  ],
] as const)('the host in the address with the token is %s', (_, host, local, hosts, expected) => {
  expect(hostForToken({ host, local }, hosts)).toBe(expected)
})

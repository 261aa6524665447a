import { connect } from 'node:net'
import { Contender } from '../load/contender.ts'

export interface HostileResult {
  readonly requests: string
  /** Bytes by which the memory in use of the server has grown, after a garbage collection. */
  readonly grownBytes: number
}

const head = 'POST /webhook HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n'
const signed = `x-sematryx-signature: ${'0'.repeat(64)}\r\n`
const piece = Buffer.alloc(64 * 1024, 32)
const oversizeBytes = 3 * 1024 * 1024

/** What ten thousand unsigned and ten thousand oversize requests leave behind in an Express receiver. */
export async function measureHostile(count = 10_000): Promise<HostileResult[]> {
  const server = await Contender.start({ name: 'hookport', script: 'servers/express.ts' })
  try {
    const before = (await server.figures('memory')).memoryBytes
    await repeat(count, () => send(server.port, `${head}content-length: 2\r\n\r\n{}`, 0))
    const afterUnsigned = (await server.figures('memory')).memoryBytes
    await repeat(count, () =>
      send(server.port, `${head}${signed}transfer-encoding: chunked\r\n\r\n`, oversizeBytes),
    )
    const afterOversize = (await server.figures('memory')).memoryBytes
    return [
      { requests: `${count} unsigned`, grownBytes: afterUnsigned - before },
      { requests: `${count} oversize, 3 MiB each, undeclared`, grownBytes: afterOversize - before },
    ]
  } finally {
    await server.stop()
  }
}

/** Sixteen at a time. */
async function repeat(count: number, task: () => Promise<void>): Promise<void> {
  let left = count
  const lane = async () => {
    while (left-- > 0) await task()
  }
  await Promise.all(Array.from({ length: 16 }, lane))
}

/** Sends a request and chunks of a body until the server has had enough. */
function send(port: number, request: string, bodyBytes: number): Promise<void> {
  return new Promise((resolve) => {
    let left = bodyBytes
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(request)
      push()
    })
    function push(): void {
      while (left > 0 && !socket.destroyed) {
        left -= piece.length
        const chunk = Buffer.concat([
          Buffer.from(`${piece.length.toString(16)}\r\n`),
          piece,
          Buffer.from('\r\n'),
        ])
        if (!socket.write(chunk)) return void socket.once('drain', push)
      }
    }
    socket.on('data', () => socket.destroy())
    socket.on('error', () => {})
    socket.on('close', () => resolve())
  })
}

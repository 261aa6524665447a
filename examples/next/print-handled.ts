type Event = { type: string; id: string }
type Context = { provider: string; attempt: number }

/** One JSON line per handled event, on standard output. */
export function printHandled({ type, id }: Event, { provider, attempt }: Context, more: object = {}): void {
  process.stdout.write(`${JSON.stringify({ msg: 'handled', provider, type, id, attempt, ...more })}\n`)
}

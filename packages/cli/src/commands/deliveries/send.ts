import { rejectOperands } from '../../flags/flags.ts'
import { eventFlags, plannedFlags, sendEvents } from '../../send/send-events.ts'
import type { Command } from '../command.ts'

export const sendCommand: Command = {
  name: 'send',
  summary: 'Send events to a receiver as a provider does, and see what comes back',
  synopsis: '--provider NAME|FILE --url URL --secret SECRET [flags]',
  flags: {
    ...eventFlags,
    type: { value: 'TYPE', help: 'event type; any name, and a known one gets its data' },
    body: { value: 'FILE', help: 'the body, byte for byte, instead of a sample; - for standard input' },
    ...Object.fromEntries(
      Object.entries(plannedFlags).map(([name, spec]) => [
        name,
        { ...spec, help: `sematryx, jaot: ${spec.help}` },
      ]),
    ),
  },
  examples: [
    '--provider stripe --type invoice.paid --set data.object.amount_paid=7 --url http://localhost:3000/webhooks/stripe --secret whsec_…',
    '--provider ./acme.ts --body delivery.json --url … --secret …',
    '--provider sematryx --url … --secret … --count 10000 --concurrency 32 --duplicates 0.1 --tamper 0.01 --seed 7',
  ],
  async run(flags, operands, terminal) {
    rejectOperands('send', operands)
    return sendEvents(flags, terminal)
  },
}

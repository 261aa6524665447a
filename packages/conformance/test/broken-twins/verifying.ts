import { type HeaderReader, type JsonObject, Refusal } from '@hookport/core'
import { answerWith, type BrokenTwin } from './broken-twin.ts'

/** Flaws in who is believed, and in what. */
export const verifyingTwins: BrokenTwin[] = [
  {
    name: 'believes everyone',
    caughtBy:
      'H120 H121 H122 H123 H124 H125 H126 H127 H128 H129 H130 H131 H132 H133 H140 H204 H304 H310 H311 H312 H313 H314 H315 H316 H503 H717 H804 H806 H807 H808'.split(
        ' ',
      ),
    twist: { provider: (provider) => ({ ...provider, keys: undefined }) },
  },
  {
    name: 'insists on the letter case of the signature header',
    caughtBy: ['H141'],
    answer: answerWith(({ headers }, { rawHeaders }) => ({
      headers: {
        get: (name) =>
          name === 'x-sematryx-signature' && !rawHeaders.includes('X-Sematryx-Signature')
            ? undefined
            : headers.get(name),
      },
    })),
  },
  {
    name: 'takes the first of several signatures',
    caughtBy: ['H126'],
    answer: answerWith(({ headers }) => ({
      headers: {
        get: (name) =>
          name === 'x-sematryx-signature' ? headers.get(name)?.split(', ')[0] : headers.get(name),
      },
    })),
  },
  {
    name: 'parses before it verifies',
    caughtBy: ['H114', 'H140', 'H304', 'H310', 'H311'],
    answer: answerWith(({ readBody }) => ({
      async readBody(maxBytes) {
        const body = await readBody(maxBytes)
        try {
          JSON.parse(Buffer.from(body).toString('utf8'))
        } catch {
          throw new Refusal('invalid_payload', 'not JSON')
        }
        return body
      },
    })),
  },
  {
    name: 'identifies events by an unsigned header',
    caughtBy: ['H205'],
    twist: {
      provider: (provider) => ({
        ...provider,
        readEnvelope: (payload: JsonObject, headers: HeaderReader) => {
          const envelope = provider.readEnvelope(payload, headers)
          return { ...envelope, id: headers.get('x-sematryx-event-id') ?? envelope.id }
        },
      }),
    },
  },
  {
    name: 'takes a field named __proto__ for an attack',
    caughtBy: ['H111'],
    twist: {
      provider: (provider) => ({
        ...provider,
        readEnvelope(payload: JsonObject, headers: HeaderReader) {
          if (JSON.stringify(payload).includes('__proto__')) throw new Refusal('invalid_payload', 'an attack')
          return provider.readEnvelope(payload, headers)
        },
      }),
    },
  },
  {
    name: 'knows only the numbers of JSON',
    caughtBy: ['H114'],
    twist: {
      provider: (provider) => ({
        ...provider,
        readEnvelope(payload: JsonObject, headers: HeaderReader) {
          const { data } = payload as { data?: { written?: unknown } }
          if ([data?.written].flat().some(Number.isNaN))
            throw new Refusal('invalid_payload', 'NaN is not JSON')
          return provider.readEnvelope(payload, headers)
        },
      }),
    },
  },
  {
    name: 'takes on events of any age',
    caughtBy: ['H730'],
    twist: { options: { maxAge: Number.POSITIVE_INFINITY } },
  },
  {
    name: 'takes on only events of the last hours',
    caughtBy: ['H732'],
    twist: { options: { maxAge: 36 * 3600_000 } },
  },
  {
    name: 'takes on events of the future',
    caughtBy: ['H731'],
    twist: {
      provider: (provider) => ({
        ...provider,
        readEnvelope(payload: JsonObject, headers: HeaderReader) {
          const envelope = provider.readEnvelope(payload, headers)
          return { ...envelope, createdAt: new Date(Math.min(Date.now(), Number(envelope.createdAt))) }
        },
      }),
    },
  },
]

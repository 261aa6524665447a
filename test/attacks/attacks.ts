import type { Attack, Section, StagedAttack } from './attack.ts'
import { byteAttacks } from './table/bytes.ts'
import { framingAttacks } from './table/framing.ts'
import { payloadAttacks } from './table/payloads.ts'
import { requestAttacks } from './table/requests.ts'
import { signatureAttacks } from './table/signatures.ts'

/** The table of attacks. Each row is run through every adapter; `docs/attacks.md` is made from it. */
export const sections: readonly Section[] = [
  { title: 'Signature headers', attacks: signatureAttacks },
  { title: 'Bytes and charsets', attacks: byteAttacks },
  { title: 'Size, framing and compression', attacks: framingAttacks },
  { title: 'JSON, types and ids', attacks: payloadAttacks },
  { title: 'Requests, time and replays', attacks: requestAttacks },
]

export const attacks: readonly Attack[] = sections.flatMap(({ attacks }) => attacks)

export const stagedAttacks: readonly StagedAttack[] = [
  {
    id: 'A601',
    input: 'an empty secret',
    answer: 'an error at construction, or 503 where a function picks it',
    file: 'secrets.test.ts',
  },
  {
    id: 'A602',
    input: 'a secret of one NUL, or another that is padded',
    answer: 'an error at construction',
    file: 'secrets.test.ts',
  },
  {
    id: 'A603',
    input: '`undefined`, `null`, a number, an empty list as the secret',
    answer: 'an error at construction',
    file: 'secrets.test.ts',
  },
  {
    id: 'A610',
    input: 'slow headers',
    answer: '408 from Node: `server.headersTimeout`, 60 s unless the application sets it',
    file: 'slow-headers.test.ts',
  },
  {
    id: 'A620',
    input: 'a flood of unsigned requests',
    answer: '401 each; signed ones are answered 200 meanwhile',
    file: 'flood.test.ts',
  },
  {
    id: 'A621',
    input: 'six bodies at the full limit, in chunks of one byte',
    answer: '401 each; they take up no more than twice their bytes',
    file: 'tiny-chunks.test.ts',
  },
  {
    id: 'A622',
    input: '500 bodies at once, that do not end',
    answer:
      '503 `unavailable` to those longest in arriving; they take up no more than twice `maxBytesInFlight`, and write ten lines a minute; a signed one is answered 200 meanwhile',
    file: '500-bodies.test.ts',
  },
  {
    id: 'A623',
    input: '5,000 forgeries within a minute',
    answer: '401 each; ten lines, then one that says how many were left out; no memory is held afterwards',
    file: '5000-forgeries.test.ts',
  },
  {
    id: 'A630',
    input: 'newlines in types, ids and headers, for the log',
    answer: 'one line for each thing that happened',
    file: 'log-injection.test.ts',
  },
  {
    id: 'A640',
    input: 'an id that came before, after its window',
    answer: '400 `stale_event`, though its id is forgotten',
    file: 'replay.test.ts',
  },
  {
    id: 'A650',
    input: 'a URL of 40,000 characters and 20,000 fields, where the sender signs the URL',
    answer: '401, as quickly as others',
    file: 'signed-urls.test.ts',
  },
  {
    id: 'A651',
    input: 'signed: lists of 200,000 items of the wrong type',
    answer: '200; dead letters, which take up no more than twice their bytes, and name twenty reasons each',
    file: 'dead-letters-in-memory.test.ts',
  },
  {
    id: 'A652',
    input: 'a large body for a tenant that does not exist',
    answer: '401, after the same time as for one that exists',
    file: 'unknown-tenants.test.ts',
  },
  {
    id: 'A653',
    input: 'of a sender without a secret: types without end, of half a megabyte each, that no handler takes',
    answer: '200; the oldest are dropped, keep no memory, and write ten lines a minute',
    file: 'endless-types.test.ts',
  },
  {
    id: 'A654',
    input: 'signed: an array of half a million items, where each is an event',
    answer: '200; one dead letter, as more than 10,000 events have at least 50 bytes each',
    file: 'endless-arrays.test.ts',
  },
  {
    id: 'A655',
    input: 'bodies at the full limit, whose secret does not come, as the store of secrets hangs',
    answer:
      '503 `unavailable` to those that have waited for longest; the others are held to `maxBytesInFlight`',
    file: 'bodies-that-wait.test.ts',
  },
]

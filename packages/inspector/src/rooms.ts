import { pageFiles } from '#page'

const answerNames = [
  'session',
  'standing',
  'chart',
  'paused',
  'events',
  'keys',
  'event',
  'body',
  'live',
] as const
const changeNames = ['redrive', 'discard', 'pause', 'resume', 'replay'] as const

/** What the page asks for. */
export type AnswerName = (typeof answerNames)[number]
/** What the page can change. */
export type ChangeName = (typeof changeNames)[number]

/** What is available under the path of the page, such as `api/events`, by its last two parts. */
const rooms: Readonly<Record<string, ReadonlySet<string>>> = {
  api: new Set<string>([...answerNames, ...changeNames]),
  assets: new Set(Object.keys(pageFiles)),
}

/**
 * Whether a path that ends like this is one of ours, and not the path of a page that is mounted at, say, `/api/hookport`. A browser that opens
 * `/api/events` as an address wants a page that is mounted there: the only API address that is opened in this way is a body, to download it.
 */
export function isOfPage(room: string, name: string, { headers, method }: Request): boolean {
  if (method === 'POST') return room === 'api' // nothing else is posted to
  const isLedHere = headers.get('sec-fetch-dest') === 'document' && name !== 'body'
  return !isLedHere && Object.hasOwn(rooms, room) && rooms[room]?.has(name) === true
}

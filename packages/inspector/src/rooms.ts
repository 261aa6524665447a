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

/** What stands behind the path of the page, `api/events`, by the last two parts of it. */
const rooms: Readonly<Record<string, ReadonlySet<string>>> = {
  api: new Set<string>([...answerNames, ...changeNames]),
  assets: new Set(Object.keys(pageFiles)),
}

/**
 * Whether a path that ends so is of ours, and not that of a page that is mounted at `/api/hookport`, say. A browser that is led to `/api/events` by its
 * address wants a page that is mounted there: what is asked of the API by address is a body, to be downloaded.
 */
export function isOfPage(room: string, name: string, { headers, method }: Request): boolean {
  if (method === 'POST') return room === 'api' // nothing else is posted to
  const isLedHere = headers.get('sec-fetch-dest') === 'document' && name !== 'body'
  return !isLedHere && Object.hasOwn(rooms, room) && rooms[room]?.has(name) === true
}

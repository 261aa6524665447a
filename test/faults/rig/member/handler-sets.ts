export type HandlerName = 'audit' | 'charge' | 'mail' | 'note' | 'adapt'

type HandlerSet = Readonly<Partial<Record<EventType, readonly HandlerName[]>>>

export type EventType = 'optimization.completed' | 'optimization.failed' | 'strategy.changed'

/** Handlers of the two versions that deploys change between: the second has one more in front, and a type that the first doesn't know. */
const handlerSets: Readonly<Record<number, HandlerSet>> = {
  1: { 'optimization.completed': ['charge', 'mail'], 'optimization.failed': ['note'] },
  2: {
    'optimization.completed': ['audit', 'charge', 'mail'],
    'optimization.failed': ['note'],
    'strategy.changed': ['adapt'],
  },
}

export const newestVersion = 2

export function handlerSetOf(version: number): HandlerSet {
  return handlerSets[version] ?? {}
}

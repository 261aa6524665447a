/** The place of an event in the order of its key: by time, and at the same time by rank. */
export interface OrderPlace {
  readonly createdAt: number
  readonly rank: number
}

/** The newest event of an order key that each handler has succeeded with, by the handler's name. An inbox only stores it. */
export type NewestHandled = Readonly<Record<string, OrderPlace>>

/** Below 0 where `one` comes before `other`, above 0 where it comes after it. */
export function compareOrder(one: OrderPlace, other: OrderPlace): number {
  return one.createdAt - other.createdAt || one.rank - other.rank
}

/** The place of an event in its order. */
export function placeOf({
  createdAt,
  orderRank = 0,
}: {
  readonly createdAt: number
  readonly orderRank?: number | undefined
}): OrderPlace {
  return { createdAt, rank: orderRank }
}

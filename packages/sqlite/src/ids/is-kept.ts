/** Condition on a row of `ids`: its event is kept. Another event may have its sequence by now. */
export const isKept =
  'EXISTS (SELECT 1 FROM events WHERE events.sequence = ids.sequence AND events.key = ids.key)'

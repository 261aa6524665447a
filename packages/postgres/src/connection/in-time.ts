/** The time limit was reached. */
export class TooLate extends Error {
  constructor(complaint: string, timeoutMs: number) {
    super(`postgresInbox: ${complaint} within ${Math.round(timeoutMs)} ms`)
  }
}

/** Resolves as `awaited` does. Rejects with `TooLate` where that takes longer than `timeoutMs`. */
export async function inTime<Result>(
  awaited: Promise<Result>,
  timeoutMs: number,
  complaint: string,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLate(complaint, timeoutMs)), timeoutMs)
  })
  try {
    return await Promise.race([awaited, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

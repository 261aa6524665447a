const aDayMs = 24 * 3600_000

/** Keeps the process alive until a promise settles: all that it waits for may be a deadline, and those run in the background. */
export async function keepAlive<Result>(pending: Promise<Result>): Promise<Result> {
  const timer = setInterval(() => {}, aDayMs)
  try {
    return await pending
  } finally {
    clearInterval(timer)
  }
}

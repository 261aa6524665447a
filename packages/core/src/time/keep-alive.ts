const aDayMs = 24 * 3600_000

/** Keeps the process alive until a promise settles. The timers of deadlines run in the background and would not. */
export async function keepAlive<Result>(pending: Promise<Result>): Promise<Result> {
  const timer = setInterval(() => {}, aDayMs)
  try {
    return await pending
  } finally {
    clearInterval(timer)
  }
}

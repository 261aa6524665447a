/**
 * With a database, the example is deployed as functions are: no process consumes. Each delivery is handled right after its reply, and a cron
 * has done what was left, as vercel.json says.
 */
export const isServerless = Boolean(process.env.DATABASE_URL)

/** Together with `handlerTimeout`, 25 s, below the `maxDuration` of the routes. */
export const drainOptions = { secret: process.env.CRON_SECRET, maxMs: 30_000 }

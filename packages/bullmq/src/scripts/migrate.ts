import { layout } from './prelude.ts'

/**
 * Makes the present layout of what is there: of nothing, or of what earlier versions left, whose jobs, ids, claims and progress are read as they
 * are, and whose active jobs are given leases when a consumer first meets them. Marks it, with the application that it belongs to, and answers
 * the mark that stands. ARGV application.
 */
export const migrateScript = `
local layoutKey, applicationKey = KEYS[1], KEYS[2]
local found = redis.call('GET', layoutKey)
if not found or tonumber(found) < ${layout} then redis.call('SET', layoutKey, '${layout}') end
redis.call('SET', applicationKey, ARGV[1], 'NX')
return redis.call('GET', layoutKey)
`

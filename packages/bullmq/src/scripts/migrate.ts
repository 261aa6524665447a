import { layout } from './parts/prelude.ts'

/**
 * Creates the current layout: from nothing, or from what earlier versions left. Their jobs, ids, claims and progress are read as they are. Their
 * active jobs get leases when a consumer first finds them. It writes the version and the application, and answers the version that is stored.
 * ARGV application.
 */
export const migrateScript = `
local layoutKey, applicationKey = KEYS[1], KEYS[2]
local found = redis.call('GET', layoutKey)
if not found or tonumber(found) < ${layout} then redis.call('SET', layoutKey, '${layout}') end
redis.call('SET', applicationKey, ARGV[1], 'NX')
return redis.call('GET', layoutKey)
`

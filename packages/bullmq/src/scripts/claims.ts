import { jobs } from './parts/jobs.ts'
import { allowFull, prelude } from './parts/prelude.ts'
import { remembering } from './parts/remembering.ts'
import { memoryReport } from './put.ts'

/**
 * Leases of events that are handled before they are acknowledged: a hash for each, with `token`, `leaseUntil`, `attempt`, `progress` and,
 * where the event has some, `aliases`. The claims or confirmations of one turn are one JSON text of keys, numbers and tokens. It contains no text of
 * others.
 *
 * What becomes of a lease must not wait for room: its handlers have run by then, and would run again.
 */

const forEach = `
local function forEach(step)
  local answers = {}
  for index, event in ipairs(cjson.decode(ARGV[1])) do answers[index] = answerOf(step, unpack(event)) end
  return answers
end
`

const holds = `
local function holds(claim, token)
  local lease = redis.call('HMGET', claim, 'token', 'leaseUntil')
  return lease[1] == token and tonumber(lease[2]) > now
end
`

/**
 * ARGV a JSON list of [event key, fingerprint, token, leaseMs, rememberMs, origin, alias, …], and whether to report memory. Answers the memory
 * report, and a JSON list of [outcome, …].
 */
export const claimScript = `${prelude}${remembering}${memoryReport}${forEach}
local function claim(key, fingerprint, token, leaseMs, rememberMs, origin, ...)
  local aliases = { ... }
  if hasCounterpart(namesOf(key, aliases), origin) then return { 'duplicate', false } end
  local known = takenOn(key)
  if known then return { 'duplicate', tonumber(known) ~= fingerprint } end
  local claim = claimsBase .. key
  local lease = redis.call('HMGET', claim, 'leaseUntil', 'attempt', 'progress', 'token')
  local remaining = tonumber(lease[1] or 0) - now
  if remaining > 0 and lease[4] ~= token then return { 'in_progress', remaining } end
  local attempt = lease[2] or '1'
  redis.call('HSET', claim, 'token', token, 'leaseUntil', whole(now + leaseMs), 'attempt', attempt)
  redis.call('PEXPIRE', claim, whole(math.max(leaseMs, rememberMs)))
  if #aliases > 0 then redis.call('HSET', claim, 'aliases', cjson.encode(aliases)) end
  for _, alias in ipairs(aliases) do
    redis.call('SADD', aliasesBase .. alias, 'c' .. key)
    tidyName(alias)
  end
  return { 'claimed', tonumber(attempt), lease[3] or cjson.null }
end

return { memoryReport(ARGV[2]), cjson.encode(forEach(claim)) }
`

/** A lease may run for longer than its key is remembered. Its names last as long. ARGV event key, token, leaseMs. */
export const renewScript = `${allowFull}${prelude}${remembering}${holds}
local claim = claimsBase .. ARGV[1]
if not holds(claim, ARGV[2]) then return 0 end
redis.call('HSET', claim, 'leaseUntil', whole(now + tonumber(ARGV[3])))
if redis.call('PTTL', claim) < tonumber(ARGV[3]) then
  redis.call('PEXPIRE', claim, ARGV[3])
  for _, alias in ipairs(cjson.decode(redis.call('HGET', claim, 'aliases') or '[]')) do tidyName(alias) end
end
return 1
`

/** ARGV event key, token, progress, attempt. */
export const releaseScript = `${allowFull}${prelude}${holds}
local claim = claimsBase .. ARGV[1]
if not holds(claim, ARGV[2]) then return 0 end
redis.call('HSET', claim, 'leaseUntil', 0, 'progress', ARGV[3], 'attempt', ARGV[4])
return 1
`

/** Ends leases on handled events: ARGV a JSON list of [event key, fingerprint, token, rememberMs, origin, alias, …]. Answers a JSON list of [outcome]. */
export const confirmScript = `${allowFull}${prelude}${remembering}${forEach}${holds}
local function confirm(key, fingerprint, token, rememberMs, origin, ...)
  if not holds(claimsBase .. key, token) then return { 'lost' } end
  local aliases = { ... }
  remember(key, whole(fingerprint), whole(rememberMs), origin, aliases)
  redis.call('DEL', claimsBase .. key)
  for _, alias in ipairs(aliases) do tidyName(alias) end
  return { 'confirmed' }
end

return cjson.encode(forEach(confirm))
`

/**
 * Keeps an event whose handling under a lease did not finish: ARGV source, `bury` or `park`, token, opts, event key, type, data, timestamp,
 * fingerprint, rememberMs, origin, progress, reason, attempt, order, alias, …
 */
export const keepScript = `${prelude}${remembering}${jobs}${holds}
local source, how, token, opts, key, name, data, timestamp, fingerprint, rememberMs, origin, progress, reason, attempt, order = unpack(ARGV)
if not holds(claimsBase .. key, token) then return 0 end
local aliases = { unpack(ARGV, 16) }
keepWhole(key, aliases, function()
  remember(key, fingerprint, rememberMs, origin, aliases)
  enterSource(source)
  local jobId = jobIdOf(key)
  storeJob(jobId, name, data, opts, timestamp, order)
  if how == 'bury' then
    bury(jobId, progress, reason, attempt)
  else
    redis.call('HSET', queue .. jobId, 'progress', progress)
    park(jobId, name, data)
    wakeConsumer()
  end
  redis.call('DEL', claimsBase .. key)
  for _, alias in ipairs(aliases) do tidyName(alias) end
end)
return 1
`

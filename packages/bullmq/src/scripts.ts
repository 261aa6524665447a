/**
 * The steps that have to be atomic. Each runs in Redis as one; none touches a key that it was not given, or given the beginning of,
 * and all keys of a call share a hash tag.
 */

/** Tells what is remembered of an event that was taken on: its fingerprint, or false. A job that is kept counts as remembered. */
const takenOn = `
local function takenOn(remembered, job)
  local fingerprint = redis.call('GET', remembered)
  if fingerprint then return fingerprint end
  local data = redis.call('HGET', job, 'data')
  return data and cjson.decode(data)['fingerprint']
end
`

/** Milliseconds by Redis's clock, so that processes need not agree on the time. */
const now = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/** Whether a lease is held by the token given. */
const holds = `
local function holds(claim, token)
  local lease = redis.call('HMGET', claim, 'token', 'leaseUntil')
  return lease[1] == token and tonumber(lease[2]) > now()
end
`

/** Does a step for each event of a JSON list. What fails one of them is its answer, and no matter of the others. */
const forEach = `
local function forEach(step)
  local answers = {}
  for index, event in ipairs(cjson.decode(ARGV[1])) do
    local done, answer = pcall(step, unpack(event))
    answers[index] = done and answer or { 'error', type(answer) == 'table' and answer.err or tostring(answer) }
  end
  return cjson.encode(answers)
end
`

/** Makes a job as BullMQ's own script for adding does: the test "put leaves in Redis what Queue.add leaves" compares them. */
const storeJob = `
local function storeJob(job, events, jobId, name, data, opts, timestamp, progress)
  redis.call('HSET', job, 'name', name, 'data', data, 'opts', opts, 'timestamp', timestamp, 'delay', 0, 'priority', 0)
  if progress then redis.call('HSET', job, 'progress', progress) end
  redis.call('XADD', events, '*', 'event', 'added', 'jobId', jobId, 'name', name)
end
`

/**
 * Takes events on: KEYS wait, meta, active, events, marker, id, providers, then remembered, job and claim of each; ARGV opts, provider, then
 * fingerprint, rememberMs, jobId, name, data and timestamp of each. Answers for each 0 (accepted), 1 (duplicate) or 2
 * (duplicate with another body).
 */
export const putScript = `${takenOn}${storeJob}
local wait, meta, active, events, marker, counter = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local queue = redis.call('HMGET', meta, 'paused', 'concurrency', 'opts.maxLenEvents')
local maxEvents = queue[3]
if not maxEvents then
  maxEvents = 10000
  redis.call('HSET', meta, 'opts.maxLenEvents', maxEvents)
end
local outcomes = {}
redis.call('SADD', KEYS[7], ARGV[2])
for index = 1, (#KEYS - 7) / 3 do
  local key, arg = 7 + (index - 1) * 3, 2 + (index - 1) * 6
  local remembered, job, claim = KEYS[key + 1], KEYS[key + 2], KEYS[key + 3]
  local fingerprint, rememberMs, jobId = ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3]
  local known = takenOn(remembered, job)
  if known then
    outcomes[index] = known == fingerprint and 1 or 2
  else
    redis.call('SET', remembered, fingerprint, 'PX', rememberMs)
    redis.call('INCR', counter)
    storeJob(job, events, jobId, ARGV[arg + 4], ARGV[arg + 5], ARGV[1], ARGV[arg + 6], redis.call('HGET', claim, 'progress'))
    redis.call('DEL', claim)
    redis.call('LPUSH', wait, jobId)
    local maxed = queue[2] and redis.call('LLEN', active) >= tonumber(queue[2])
    if not queue[1] and not maxed then redis.call('ZADD', marker, 0, '0') end
    redis.call('XADD', events, 'MAXLEN', '~', maxEvents, '*', 'event', 'waiting', 'jobId', jobId)
    outcomes[index] = 0
  end
end
return outcomes
`

/**
 * Takes leases on events of one provider: KEYS beginnings of the keys of remembered ids, claims and jobs; ARGV a JSON list of
 * [event key, fingerprint, token, leaseMs, rememberMs]. Answers a JSON list of [outcome, …].
 */
export const claimScript = `${forEach}${takenOn}${now}
local time = now()

local function claim(key, fingerprint, token, leaseMs, rememberMs)
  local known = takenOn(KEYS[1] .. key, KEYS[3] .. string.gsub(key, ':', '|'))
  if known then return { 'duplicate', tonumber(known) ~= fingerprint } end
  local claim = KEYS[2] .. key
  local lease = redis.call('HMGET', claim, 'leaseUntil', 'attempt', 'progress')
  local remaining = tonumber(lease[1] or 0) - time
  if remaining > 0 then return { 'in_progress', remaining } end
  local attempt = lease[2] or '1'
  redis.call('HSET', claim, 'token', token, 'leaseUntil', string.format('%.0f', time + leaseMs), 'attempt', attempt)
  redis.call('PEXPIRE', claim, string.format('%.0f', math.max(leaseMs, rememberMs)))
  return { 'claimed', tonumber(attempt), lease[3] or cjson.null }
end

return forEach(claim)
`

/** KEYS claim; ARGV token, leaseMs. */
export const renewScript = `${now}${holds}
if not holds(KEYS[1], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'leaseUntil', string.format('%.0f', now() + tonumber(ARGV[2])))
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
`

/** KEYS claim; ARGV token, progress, attempt. */
export const releaseScript = `${now}${holds}
if not holds(KEYS[1], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'leaseUntil', 0, 'progress', ARGV[2], 'attempt', ARGV[3])
return 1
`

/**
 * Ends leases on events that are handled: KEYS beginnings of the keys of remembered ids and claims; ARGV a JSON list of
 * [event key, fingerprint, token, rememberMs]. Answers a JSON list of [outcome].
 */
export const confirmScript = `${forEach}${now}${holds}
local function confirm(key, fingerprint, token, rememberMs)
  if not holds(KEYS[2] .. key, token) then return { 'lost' } end
  redis.call('SET', KEYS[1] .. key, string.format('%.0f', fingerprint), 'PX', string.format('%.0f', rememberMs))
  redis.call('DEL', KEYS[2] .. key)
  return { 'confirmed' }
end

return forEach(confirm)
`

/**
 * KEYS claim, remembered, job, failed, events, providers; ARGV token, fingerprint, rememberMs, opts, jobId, name, data, timestamp,
 * progress, reason, now, provider. The job is one that BullMQ would have moved to `failed`.
 */
export const buryScript = `${now}${holds}${storeJob}
if not holds(KEYS[1], ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[1])
storeJob(KEYS[3], KEYS[5], ARGV[5], ARGV[6], ARGV[7], ARGV[4], ARGV[8], ARGV[9])
redis.call('HSET', KEYS[3], 'failedReason', ARGV[10], 'finishedOn', ARGV[11], 'atm', 1)
redis.call('SADD', KEYS[6], ARGV[12])
redis.call('ZADD', KEYS[4], ARGV[11], ARGV[5])
redis.call('XADD', KEYS[5], '*', 'event', 'failed', 'jobId', ARGV[5], 'failedReason', ARGV[10], 'prev', 'active')
return 1
`

/** How every job is added: never retried by BullMQ, whose verdicts come from core; gone when done, kept when dead. */
export const jobOptions = JSON.stringify({ attempts: 1, removeOnComplete: true, removeOnFail: false })

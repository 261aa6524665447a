import { lines } from './lines.ts'

/**
 * Events as jobs of a BullMQ queue, in its states: `wait` and, for events that have to run alone, `prioritized` (pending), `delayed` (scheduled),
 * `active`, `waiting-children` (parked), `failed` (dead), `completed` (handled). Every step writes what BullMQ's own would.
 *
 * Our fields in a job's hash: `tk`, the token of its last taking; `al`, that it was taken alone; `ia`, its interruptions while alone; `wi`, that its
 * last turn was interrupted; `dd`, that it was dead, until its next verdict; `dl`, that it was delayed, which BullMQ's promote leaves; `uw`, that it
 * is delayed until a process has a handler for its type; `rp`, the last replay that had it. Its interruptions are BullMQ's `stc`. Our keys beside the
 * queue: `leases`, by their ends; `parked:<type>`, the jobs that wait for a handler of that type, and `parked-types`; `parked-bytes`, the bytes of
 * their bodies, and `parked-count`, of how many; `shed`, parked jobs that were dropped when memory was short, until a consumer reports them.
 */
export const jobs = `
local isPaused, mostActive, mostEvents = unpack(redis.call('HMGET', queue .. 'meta', 'paused', 'concurrency', 'opts.maxLenEvents'))

local function tell(event, jobId, ...)
  redis.call('XADD', queue .. 'events', 'MAXLEN', '~', mostEvents or 10000, '*', 'event', event, 'jobId', jobId, ...)
end

-- As BullMQ does. Its obliterate takes that away.
local function beginQueue()
  mostEvents = 10000
  redis.call('HSET', queue .. 'meta', 'opts.maxLenEvents', mostEvents)
end

-- Lists a source, and begins its queue, so that one that has not begun is one that was emptied.
local function enterSource(source)
  if redis.call('SADD', sourcesKey, source) == 1 and not mostEvents then beginQueue() end
end

-- How many more jobs may be active at once in all processes, if BullMQ has such a limit.
local function freeSlots(most)
  if isPaused then return 0 end
  return mostActive and math.min(most, tonumber(mostActive) - redis.call('LLEN', queue .. 'active')) or most
end

-- Consumers block on BullMQ's marker.
local function wakeConsumer()
  if freeSlots(1) > 0 then redis.call('ZADD', queue .. 'marker', 0, '0') end
end

local function storeJob(jobId, name, data, opts, timestamp, order)
  redis.call('HSET', queue .. jobId, 'name', name, 'data', data, 'opts', opts, 'timestamp', timestamp, 'delay', 0, 'priority', 0)
  if order ~= '' then
    local member = order .. string.format('%016d', redis.call('INCR', queue .. 'id')) .. ':' .. jobId
    redis.call('HSET', queue .. jobId, 'ok', string.match(order, '^[^:]*'), 'ol', member)
  end
  redis.call('XADD', queue .. 'events', '*', 'event', 'added', 'jobId', jobId, 'name', name)
end

-- LPUSH adds at the end of the line, RPUSH at its head.
local function makePending(jobId, push, isSuspect, ...)
  if isSuspect then
    redis.call('ZADD', queue .. 'prioritized', now, jobId)
  else
    redis.call(push, queue .. 'wait', jobId)
  end
  wakeConsumer()
  tell('waiting', jobId, ...)
end

${lines}
-- The errors of handlers, where dashboards look for them.
local function stacksIn(progress)
  local isRead, read = pcall(cjson.decode, progress)
  local stacks = {}
  for _, failure in ipairs(isRead and read.failures or {}) do stacks[#stacks + 1] = failure.stack or failure.message end
  return #stacks > 0 and cjson.encode(stacks) or '[]'
end

local function bury(jobId, progress, reason, attempt)
  redis.call('HSET', queue .. jobId, 'progress', progress, 'failedReason', reason, 'finishedOn', now, 'atm', attempt)
  redis.call('HSET', queue .. jobId, 'stacktrace', stacksIn(progress), 'dd', 1)
  redis.call('ZADD', queue .. 'failed', now, jobId)
  tell('failed', jobId, 'failedReason', reason, 'prev', 'active')
end

local function shelfOf(name)
  return queue .. 'parked:' .. (#name > 200 and redis.sha1hex(name) or name)
end

-- The length of the body. Jobs from before the current layout don't have it.
local function bytesOf(data)
  return tonumber(string.match(data, '^{"bytes":(%d+)')) or #data
end

local parked = 0
-- When a job is parked, in milliseconds. Thousandths keep those that one script parks in their order, and not in that of their ids.
local function parkedNow()
  parked = parked + 1
  return now + (time[2] % 1000 + parked) / 1000
end

local function putOnShelf(jobId, name, since)
  redis.call('ZADD', shelfOf(name), since, jobId)
  redis.call('SADD', queue .. 'parked-types', name)
end

local function park(jobId, name, data)
  local since = parkedNow()
  redis.call('ZADD', queue .. 'waiting-children', since, jobId)
  putOnShelf(jobId, name, since)
  redis.call('INCRBY', queue .. 'parked-bytes', bytesOf(data))
  redis.call('INCR', queue .. 'parked-count')
  tell('waiting-children', jobId, 'prev', 'active')
end

local function takeOffShelf(jobId, name)
  redis.call('ZREM', shelfOf(name), jobId)
  if redis.call('EXISTS', shelfOf(name)) == 0 then redis.call('SREM', queue .. 'parked-types', name) end
end

local function unpark(jobId, name, data)
  if redis.call('ZREM', queue .. 'waiting-children', jobId) == 0 then return false end
  takeOffShelf(jobId, name)
  redis.call('DECRBY', queue .. 'parked-bytes', bytesOf(data))
  redis.call('DECR', queue .. 'parked-count')
  if redis.call('EXISTS', queue .. 'waiting-children') == 0 then redis.call('DEL', queue .. 'parked-bytes', queue .. 'parked-count') end
  return true
end

-- The bytes of all that is parked, if they may be more than that. They are added up anew where a dashboard has removed a job, whose bytes it left in
-- the sum. A Redis before 7 does not store that where memory is full.
local function parkedBytes(most)
  local bytes, count = unpack(redis.call('MGET', queue .. 'parked-bytes', queue .. 'parked-count'))
  bytes = tonumber(bytes or 0)
  if bytes <= most or tonumber(count or 0) == redis.call('ZCARD', queue .. 'waiting-children') then return bytes end
  local jobIds = redis.call('ZRANGE', queue .. 'waiting-children', 0, -1)
  bytes = 0
  for _, jobId in ipairs(jobIds) do bytes = bytes + bytesOf(redis.call('HGET', queue .. jobId, 'data') or '') end
  redis.pcall('MSET', queue .. 'parked-bytes', bytes, queue .. 'parked-count', #jobIds)
  return bytes
end

local function undelay(jobId)
  if redis.call('ZREM', queue .. 'delayed', jobId) == 0 then return false end
  local name, untilWanted = unpack(redis.call('HMGET', queue .. jobId, 'name', 'uw'))
  redis.call('HDEL', queue .. jobId, 'dl', 'uw')
  if untilWanted then takeOffShelf(jobId, name) end
  return true
end

-- Removes a job from its state, and answers that state.
local function withdraw(jobId)
  if redis.call('LREM', queue .. 'active', 1, jobId) == 1 then
    redis.call('ZREM', queue .. 'leases', jobId)
    return 'active'
  end
  if undelay(jobId) then return 'delayed' end
  for _, state in ipairs({ 'prioritized', 'failed', 'completed' }) do
    if redis.call('ZREM', queue .. state, jobId) == 1 then return state end
  end
  if redis.call('LREM', queue .. 'wait', -1, jobId) == 1 then return 'wait' end
  local member = redis.call('HGET', queue .. jobId, 'ol')
  if member and redis.call('ZREM', queue .. 'behind', member) == 1 then return 'behind' end
  local name, data = unpack(redis.call('HMGET', queue .. jobId, 'name', 'data'))
  if data and unpark(jobId, name, data) then return 'waiting-children' end
end

-- The other names of an event: the aliases of a delivery, which are harmless in any text, or the key of a reconciled event.
local function namesIn(data)
  local names = {}
  for alias in string.gmatch(string.match(data, '"aliases":(%b[])') or '', '"([^"]+)"') do names[#names + 1] = alias end
  if string.find(data, '"origin":"reconciled"', 1, true) then names[#names + 1] = string.match(data, '"key":"([^"]+)"') end
  return names
end

local function erase(jobId, names)
  redis.call('DEL', queue .. jobId, queue .. jobId .. ':logs')
  for _, name in ipairs(names) do tidyName(name) end
end

-- Carries out the steps that keep a new event. Where Redis refuses one of their commands, those before are undone, which a script does not do by
-- itself: the event would be known, and in no state.
local function keepWhole(key, names, steps)
  local isKept, trouble = pcall(steps)
  if isKept then return end
  local jobId = jobIdOf(key)
  pcall(withdraw, jobId)
  pcall(leaveLine, jobId)
  -- A user whose right to DEL was taken has the right to what was just done.
  if type(redis.pcall('DEL', idsBase .. key)) == 'table' then
    redis.pcall('SET', idsBase .. key, '', 'PXAT', 1)
    redis.pcall('HSET', queue .. jobId, 'data', '')
  end
  pcall(erase, jobId, names)
  error(trouble, 0)
end

-- Reads the event from its argument.
local function dropParked(jobId, report)
  local name, data = unpack(redis.call('HMGET', queue .. jobId, 'name', 'data'))
  if data then
    unpark(jobId, name, data)
    report(jobId, data, 'expired')
  else
    redis.call('ZREM', queue .. 'waiting-children', jobId)
  end
  erase(jobId, namesIn(data or ''))
  tell('removed', jobId, 'prev', 'waiting-children')
end

-- An event as JSON without its body, which comes last. Quotes in texts are escaped, so that no text looks like the name of a field.
local function withoutBody(data)
  local last, at = nil, string.find(data, ',"body', 1, true)
  while at do
    last = at
    at = string.find(data, ',"body', at + 1, true)
  end
  return last and string.sub(data, 1, last - 1) .. '}' or data
end
`

/** How every job is added. BullMQ never retries it, as verdicts come from core. It is deleted when done, and kept when dead. */
export const jobOptions = JSON.stringify({ attempts: 1, removeOnComplete: true, removeOnFail: false })

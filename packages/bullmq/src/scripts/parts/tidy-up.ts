/** How many jobs a taking reads at most. It blocks Redis for about a millisecond. */
export const mostSteps = 256
/** After so many bytes of events it deletes no further one in the same step. */
const mostBytes = 2_000_000

/** Repairs what dead processes, other versions and dashboards have left behind. */
export const tidyUp = `
-- A job whose holder was silent for the length of a lease goes back to the front of the line.
local function interrupt(jobId)
  local key = queue .. jobId
  local lock = redis.call('PTTL', key .. ':lock') -- of a BullMQ worker, used before the current layout
  if lock > 0 then return redis.call('ZADD', queue .. 'leases', now + lock, jobId) end
  redis.call('ZREM', queue .. 'leases', jobId)
  if redis.call('LREM', queue .. 'active', 1, jobId) == 0 or redis.call('EXISTS', key) == 0 then return end
  local interruptions = redis.call('HINCRBY', key, 'stc', 1)
  if redis.call('HDEL', key, 'al') == 1 then redis.call('HINCRBY', key, 'ia', 1) end
  redis.call('HSET', key, 'wi', 1)
  makePending(jobId, 'RPUSH', interruptions >= untilAlone, 'prev', 'active')
  tell('stalled', jobId)
end

-- An active job without a lease was taken by a BullMQ worker.
local function adopt(leaseMs)
  for _, jobId in ipairs(redis.call('LRANGE', queue .. 'active', 0, -1)) do
    redis.call('ZADD', queue .. 'leases', 'NX', now + math.max(leaseMs, redis.call('PTTL', queue .. jobId .. ':lock')), jobId)
  end
end

local function interruptLapsed(running, leaseMs)
  if redis.call('LLEN', queue .. 'active') > redis.call('ZCARD', queue .. 'leases') then adopt(leaseMs) end
  for _, jobId in ipairs(redis.call('ZRANGEBYSCORE', queue .. 'leases', '-inf', now, 'LIMIT', 0, ${mostSteps})) do
    if not running[jobId] then interrupt(jobId) end
  end
end

-- BullMQ scores the delayed by milliseconds times 4,096. Answers whether there are more.
local function promoteDue()
  local due = redis.call('ZRANGEBYSCORE', queue .. 'delayed', '-inf', whole((now + 1) * 4096 - 1), 'LIMIT', 0, ${mostSteps})
  for _, jobId in ipairs(due) do
    undelay(jobId)
    local key = queue .. jobId
    local interruptions = redis.call('HGET', key, 'stc')
    if redis.call('EXISTS', key) == 1 then
      redis.call('HSET', key, 'delay', 0)
      makePending(jobId, 'LPUSH', tonumber(interruptions or 0) >= untilAlone, 'prev', 'delayed')
    end
  end
  return #due == ${mostSteps}
end

-- Deletes the jobs of a state up to a score: some of them, and few large ones. Answers whether there are more.
local function forget(state, score)
  local jobIds, bytes = redis.call('ZRANGEBYSCORE', queue .. state, '-inf', score, 'LIMIT', 0, ${mostSteps}), 0
  for _, jobId in ipairs(jobIds) do
    if bytes > ${mostBytes} then return true end
    local data = redis.call('HGET', queue .. jobId, 'data') or ''
    bytes = bytes + #data
    redis.call('ZREM', queue .. state, jobId)
    erase(jobId, namesIn(data))
    tell('removed', jobId, 'prev', state)
  end
  return #jobIds == ${mostSteps}
end

local function limitParked(keepMs, maxBytes, report)
  for _ = 1, ${mostSteps} do
    local jobId, since = unpack(redis.call('ZRANGE', queue .. 'waiting-children', 0, 0, 'WITHSCORES'))
    if not jobId or (math.floor(tonumber(since)) > now - keepMs and parkedBytes(maxBytes) <= maxBytes) then return end
    dropParked(jobId, report)
  end
end
`

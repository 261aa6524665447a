import { interruptionsUntilAlone } from '@hookport/core/inbox-kit'

/**
 * Lets one event at a time of each order key be due. Of each key one job is in front: it is in a state of BullMQ's, as any other. The others wait behind it, in
 * the sorted set `behind` of the queue, whose members begin with their key's name and are in the order of handling: see `orderOf`.
 *
 * In a job's hash: `ok`, the name of its order key; `ol`, its member; `bg`, that it was handed out, and so holds the key. Beside the queue: `front:<key>`, the job
 * in front, and `newest:<key>`, what verdicts have left to later events. Nothing is asked of Redis for events that have no order key.
 */
export const lines = `
local function firstBehind(line)
  return redis.call('ZRANGEBYLEX', queue .. 'behind', '[' .. line .. ':', '[' .. line .. ';', 'LIMIT', 0, 1)[1]
end

local function jobIn(member)
  return string.match(member, '[^:]*$')
end

local function isSuspectJob(jobId)
  return tonumber(redis.call('HGET', queue .. jobId, 'stc') or 0) >= ${interruptionsUntilAlone}
end

-- The first of those behind comes to the front, which is free.
local function stepForward(line)
  local front, following = queue .. 'front:' .. line, firstBehind(line)
  if not following then
    redis.call('DEL', front)
    return
  end
  redis.call('ZREM', queue .. 'behind', following)
  redis.call('SET', front, jobIn(following))
  makePending(jobIn(following), 'LPUSH', isSuspectJob(jobIn(following)))
end

-- Puts a job in the line of its order key; what has none is pending at once. A dashboard may have removed the job in front.
local function enterLine(jobId, push, isSuspect, ...)
  local line, member = unpack(redis.call('HMGET', queue .. jobId, 'ok', 'ol'))
  if not line or redis.call('SET', queue .. 'front:' .. line, jobId, 'NX') then
    makePending(jobId, push, isSuspect, ...)
    return
  end
  redis.call('ZADD', queue .. 'behind', 0, member)
  if redis.call('EXISTS', queue .. redis.call('GET', queue .. 'front:' .. line)) == 0 then stepForward(line) end
end

-- Takes a job out of its line. The next one is due then.
local function leaveLine(jobId)
  local line, member = unpack(redis.call('HMGET', queue .. jobId, 'ok', 'ol'))
  if not line then return end
  if redis.call('GET', queue .. 'front:' .. line) ~= jobId then
    redis.call('ZREM', queue .. 'behind', member)
    return
  end
  redis.call('HDEL', queue .. jobId, 'bg')
  stepForward(line)
end

-- The job whose turn it is, where one is due: another of its key may have come that is earlier. None where a dashboard has brought back a dead letter whose
-- key another holds: it waits then.
local function inTurn(jobId)
  local line, member, hasBegun = unpack(redis.call('HMGET', queue .. jobId, 'ok', 'ol', 'bg'))
  local front = redis.call('GET', queue .. 'front:' .. line)
  if front ~= jobId then
    if front and redis.call('EXISTS', queue .. front) == 1 then
      redis.call('ZADD', queue .. 'behind', 0, member)
      return nil
    end
    redis.call('SET', queue .. 'front:' .. line, jobId)
  end
  local earlier = not hasBegun and firstBehind(line)
  if not earlier or earlier > member then return jobId end
  redis.call('ZREM', queue .. 'behind', earlier)
  redis.call('ZADD', queue .. 'behind', 0, member)
  redis.call('SET', queue .. 'front:' .. line, jobIn(earlier))
  return jobIn(earlier)
end

local function leaveBehind(line, legacy, legacyMs)
  if line and legacy ~= '' then redis.call('SET', queue .. 'newest:' .. line, legacy, 'PX', whole(legacyMs)) end
end
`

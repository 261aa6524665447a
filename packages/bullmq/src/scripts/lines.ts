import { interruptionsUntilAlone } from '@hookport/core/inbox-kit'

/** So many lines are looked at in one look: well below a millisecond. */
const linesOfALook = 256

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

-- The first of those behind comes to the front, which is free. A dashboard may have removed jobs there, too.
local function stepForward(line)
  local front, following = queue .. 'front:' .. line, firstBehind(line)
  while following and redis.call('EXISTS', queue .. jobIn(following)) == 0 do
    redis.call('ZREM', queue .. 'behind', following)
    following = firstBehind(line)
  end
  if not following then
    redis.call('DEL', front)
    return
  end
  redis.call('ZREM', queue .. 'behind', following)
  redis.call('SET', front, jobIn(following))
  makePending(jobIn(following), 'LPUSH', isSuspectJob(jobIn(following)))
end

-- Whether a dashboard has removed the job in front. Where a handler is at work on it, its lease stands until that ends.
local function isFrontGone(line)
  local front = redis.call('GET', queue .. 'front:' .. line)
  return not front or (redis.call('EXISTS', queue .. front) == 0 and not redis.call('ZSCORE', queue .. 'leases', front))
end

-- Looks through the lines in which jobs wait, from one on, and has those go on whose job in front is gone. Answers where the next look begins.
local function freeLines(from)
  for _ = 1, ${linesOfALook} do
    local member = redis.call('ZRANGEBYLEX', queue .. 'behind', from == '' and '-' or '[' .. from, '+', 'LIMIT', 0, 1)[1]
    if not member then return '' end
    local line = string.match(member, '^[^:]*')
    if isFrontGone(line) then stepForward(line) end
    from = line .. ';'
  end
  return from
end

-- Puts a job in the line of its order key; what has none is pending at once.
local function enterLine(jobId, push, isSuspect, ...)
  local line, member = unpack(redis.call('HMGET', queue .. jobId, 'ok', 'ol'))
  if not line or redis.call('SET', queue .. 'front:' .. line, jobId, 'NX') then
    makePending(jobId, push, isSuspect, ...)
    return
  end
  redis.call('ZADD', queue .. 'behind', 0, member)
  if isFrontGone(line) then stepForward(line) end
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

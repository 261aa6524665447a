import { interruptionsUntilAlone } from '@hookport/core/inbox-kit'

/** How many lines are read in one check: well below a millisecond. */
const linesOfALook = 256

/**
 * Makes one event at a time of each order key due. One job of each key is in front, and is in a state of BullMQ's like any other. The others wait
 * behind it, in the sorted set `behind` of the queue. Its members begin with the key's name and sort in the order of handling: see `orderOf`.
 *
 * In a job's hash: `ok`, the name of its order key; `ol`, its member; `bg`, that it was handed out, and so holds the key. Beside the queue:
 * `front:<key>`, the job in front, and `newest:<key>`, what verdicts have left to later events. Events without an order key need no query here.
 */
export const lines = `
local function firstBehind(line)
  return redis.call('ZRANGEBYLEX', queue .. 'behind', '[' .. line .. ':', '[' .. line .. ';', 'LIMIT', 0, 1)[1]
end

-- With the colon, as Lua would otherwise look for the end of the member from each of its bytes.
local function jobIn(member)
  return string.match(member, ':([^:]*)$')
end

local function isSuspectJob(jobId)
  return tonumber(redis.call('HGET', queue .. jobId, 'stc') or 0) >= ${interruptionsUntilAlone}
end

-- The first job behind comes to the free front. A dashboard may have removed jobs there too.
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

-- Whether a dashboard has removed the job in front. If a handler still runs, the job's lease lasts until it ends.
local function isFrontGone(line)
  local front = redis.call('GET', queue .. 'front:' .. line)
  return not front or (redis.call('EXISTS', queue .. front) == 0 and not redis.call('ZSCORE', queue .. 'leases', front))
end

-- Checks the lines with waiting jobs, from a given one on, and unblocks those whose job in front is gone. Answers where the next check begins.
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

-- Puts a job in the line of its order key. A job without one is pending at once. So is one whose id is in front already: a dashboard has removed it
-- there, and its event has come again.
local function enterLine(jobId, push, isSuspect, ...)
  local line, member = unpack(redis.call('HMGET', queue .. jobId, 'ok', 'ol'))
  local front = line and queue .. 'front:' .. line
  if not line or redis.call('SET', front, jobId, 'NX') or redis.call('GET', front) == jobId then
    makePending(jobId, push, isSuspect, ...)
    return
  end
  redis.call('ZADD', queue .. 'behind', 0, member)
  if isFrontGone(line) then stepForward(line) end
end

-- Removes a job from its line. Then the next one is due.
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

-- The job whose turn it is, given a due job: an earlier one of its key may have come. None if a dashboard has brought back a dead letter whose
-- key another job holds: then it waits.
local function inTurn(jobId)
  local line, member, hasBegun = unpack(redis.call('HMGET', queue .. jobId, 'ok', 'ol', 'bg'))
  if redis.call('GET', queue .. 'front:' .. line) ~= jobId then
    if not isFrontGone(line) then
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

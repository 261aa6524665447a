import { jobs } from './parts/jobs.ts'
import { allowFull, prelude } from './parts/prelude.ts'
import { remembering } from './parts/remembering.ts'
import { take } from './parts/take.ts'
import { takeOn } from './put.ts'

/** The verdicts and checkpoints of a consumer's turns. Each answers 1, or 0 where another holds the event. */
const verdicts = `
local steps = {}

local function isHeld(jobId, token)
  return redis.call('HGET', queue .. jobId, 'tk') == token
end

-- The token is the current one: no one else was given the event, even if its lease has run out and it is in line again.
local function conclude(jobId, token, keepsInterruptions)
  if not isHeld(jobId, token) then return false end
  withdraw(jobId)
  redis.call('HDEL', queue .. jobId, 'tk', 'al', 'wi', 'dl')
  if redis.call('HDEL', queue .. jobId, 'dd') == 1 then redis.call('HDEL', queue .. jobId, 'stacktrace') end
  if not keepsInterruptions then redis.call('HDEL', queue .. jobId, 'stc', 'ia') end
  return true
end

local function leaveToLater(jobId, legacy, legacyMs)
  leaveBehind(legacy ~= '' and redis.call('HGET', queue .. jobId, 'ok'), legacy, legacyMs)
end

-- Where a verdict ends the turn of an order key: the next job that is now due.
local function passKeyOn(jobId, legacy, legacyMs)
  leaveToLater(jobId, legacy, legacyMs)
  leaveLine(jobId)
end

function steps.done(jobId, token, keepMs, progress, legacy, legacyMs, ...)
  if not isHeld(jobId, token) then return 0 end
  withdraw(jobId)
  passKeyOn(jobId, legacy, legacyMs)
  if tonumber(keepMs) > 0 then
    redis.call('HDEL', queue .. jobId, 'tk', 'al', 'wi', 'stc', 'ia', 'dd', 'dl', 'failedReason', 'stacktrace')
    redis.call('HSET', queue .. jobId, 'progress', progress, 'finishedOn', now, 'returnvalue', 'null')
    redis.call('ZADD', queue .. 'completed', whole(now + keepMs), jobId)
  else
    erase(jobId, { ... })
  end
  tell('completed', jobId, 'returnvalue', 'null', 'prev', 'active')
  return 1
end

function steps.retry(jobId, token, delayMs, progress, attempt, keepsInterruptions, untilWanted, legacy, legacyMs)
  if not conclude(jobId, token, keepsInterruptions == '1') then return 0 end
  leaveToLater(jobId, legacy, legacyMs)
  redis.call('HSET', queue .. jobId, 'progress', progress, 'delay', delayMs, 'atm', attempt)
  if tonumber(delayMs) > 0 then
    local dueAt = now + tonumber(delayMs)
    redis.call('ZADD', queue .. 'delayed', whole(dueAt * 4096), jobId)
    redis.call('HSET', queue .. jobId, 'dl', 1)
    tell('delayed', jobId, 'delay', whole(dueAt))
    if untilWanted == '1' then
      redis.call('HSET', queue .. jobId, 'uw', 1)
      putOnShelf(jobId, redis.call('HGET', queue .. jobId, 'name'), parkedNow())
    end
  else
    local interruptions = tonumber(redis.call('HGET', queue .. jobId, 'stc') or 0)
    makePending(jobId, keepsInterruptions == '1' and 'RPUSH' or 'LPUSH', interruptions >= interruptionsUntilAlone, 'prev', 'active')
  end
  return 1
end

function steps.dead(jobId, token, progress, reason, attempt, legacy, legacyMs)
  if not conclude(jobId, token) then return 0 end
  passKeyOn(jobId, legacy, legacyMs)
  bury(jobId, progress, reason, attempt)
  return 1
end

function steps.park(jobId, token, progress, legacy, legacyMs)
  if not conclude(jobId, token) then return 0 end
  passKeyOn(jobId, legacy, legacyMs)
  redis.call('HSET', queue .. jobId, 'progress', progress)
  park(jobId, unpack(redis.call('HMGET', queue .. jobId, 'name', 'data')))
  return 1
end

function steps.replace(jobId, token, ...)
  if not isHeld(jobId, token) then return 0 end
  takeOn(...) -- first, as it may be refused
  withdraw(jobId)
  leaveLine(jobId)
  erase(jobId, {})
  tell('completed', jobId, 'returnvalue', 'null', 'prev', 'active')
  return 1
end

function steps.checkpoint(jobId, token, progress, legacy, legacyMs)
  if not isHeld(jobId, token) then return 0 end
  leaveToLater(jobId, legacy, legacyMs)
  redis.call('HSET', queue .. jobId, 'progress', progress)
  redis.call('HDEL', queue .. jobId, 'dd', 'stacktrace')
  return 1
end

function steps.renew(jobId, token, leaseMs)
  if not isHeld(jobId, token) then return 0 end
  if not redis.call('ZSCORE', queue .. 'leases', jobId) then
    withdraw(jobId)
    redis.call('LPUSH', queue .. 'active', jobId)
  end
  redis.call('ZADD', queue .. 'leases', now + tonumber(leaseMs), jobId)
  return 1
end

steps.freeLines = freeLines

-- Which handlers other processes had for this source in the last ten minutes.
function steps.announce(handlers)
  local consumers = queue .. 'consumers'
  redis.call('ZADD', consumers, now, handlers)
  redis.call('ZREMRANGEBYSCORE', consumers, '-inf', now - 600000)
  return redis.call('ZRANGE', consumers, 0, 9)
end
`

/**
 * The requests and verdicts of one turn of a consumer's event loop: ARGV interruptions until alone, then for each the name of the step, the number of
 * its arguments, and these. Answers for each.
 */
export const turnScript = `${allowFull}${prelude}
local interruptionsUntilAlone = tonumber(ARGV[1])
${remembering}${jobs}${takeOn}${take}${verdicts}
local answers, at = {}, 2
while at <= #ARGV do
  local name, first, last = ARGV[at], at + 2, at + 1 + tonumber(ARGV[at + 1])
  if name == 'take' then
    answers[#answers + 1] = answerOf(take, first, last)
  else
    answers[#answers + 1] = answerOf(steps[name], unpack(ARGV, first, last))
  end
  at = last + 1
end
return answers
`

import { mostSteps, tidyUp } from './tidy-up.ts'

/** An idle consumer comes again so soon where more is to be deleted: 256 in each five seconds would take hours for a million. */
const untilMoreIsForgottenMs = 50

/**
 * Hands out events: ARGV, from \`first\` on, token, limit, whether alone, leaseMs, interruptions until alone, what becomes of others, keepMs and
 * maxBytes of what is parked, how long dead letters are kept (or -1), whether this is a repetition, how many types are wanted (-1 for any) and these,
 * and the ids of jobs that run. Answers the jobs, now, milliseconds until more is due (or -1), whether a job is due that has to run alone, and what
 * was parked, dropped or expired.
 *
 * A repetition, after a lost reply, hands out the same jobs that were handed out under this token before.
 */
export const take = `
local untilAlone
${tidyUp}
local function take(first, last)
  local token, limit, isAlone, leaseMs = ARGV[first], tonumber(ARGV[first + 1]), ARGV[first + 2] == '1', tonumber(ARGV[first + 3])
  untilAlone = tonumber(ARGV[first + 4])
  local others, keepMs, maxBytes = ARGV[first + 5], tonumber(ARGV[first + 6]), tonumber(ARGV[first + 7])
  local keepDeadMs, isAgain, typeCount = tonumber(ARGV[first + 8]), ARGV[first + 9] == '1', tonumber(ARGV[first + 10])
  local isAny, wanted, running = typeCount < 0, {}, {}
  local firstRunning = first + 11 + math.max(typeCount, 0)
  for at = first + 11, firstRunning - 1 do wanted[ARGV[at]] = true end
  for at = firstRunning, last do running[ARGV[at]] = true end

  local taken, reports, steps, unshelved, aloneIsDue = {}, {}, 0, 0, 0
  local free = freeSlots(limit)

  local function report(jobId, data, outcome)
    reports[#reports + 1] = { withoutBody(data), outcome }
  end

  local function read(jobId)
    steps = steps + 1
    local job = redis.call('HMGET', queue .. jobId, 'name', 'data', 'progress', 'stc', 'ia', 'wi', 'ats', 'ok', 'dd', 'dl')
    return job[2] and job
  end

  local function isWanted(job)
    return isAny or wanted[job[1]] or (job[1] == 'unreadable' and string.find(job[2], '"unreadable":true', 1, true) ~= nil)
  end

  local function answer(jobId, job)
    taken[#taken + 1] = { jobId, job[2], job[3] or '', tonumber(job[4] or 0), tonumber(job[5] or 0), job[6] and 1 or 0,
      job[8] and redis.call('GET', queue .. 'newest:' .. job[8]) or '', job[9] and 1 or 0, job[10] and 1 or 0 }
  end

  local function hand(jobId, job, previous)
    redis.call('LPUSH', queue .. 'active', jobId)
    redis.call('ZADD', queue .. 'leases', now + leaseMs, jobId)
    redis.call('HSET', queue .. jobId, 'processedOn', now, 'ats', tonumber(job[7] or 0) + 1, 'tk', token)
    if isAlone then redis.call('HSET', queue .. jobId, 'al', 1) end
    if job[8] then redis.call('HSET', queue .. jobId, 'bg', 1) end
    tell('active', jobId, 'prev', previous)
    answer(jobId, job)
  end

  -- Decides about a job whose type is not handled here.
  local function passOver(jobId, job)
    if others == 'park' then
      park(jobId, job[1], job[2])
      report(jobId, job[2], 'parked')
    else
      erase(jobId, namesIn(job[2]))
      tell('removed', jobId, 'prev', 'wait')
      report(jobId, job[2], 'dropped')
    end
  end

  local function takeAgain()
    for _, jobId in ipairs(redis.call('LRANGE', queue .. 'active', 0, -1)) do
      if redis.call('HGET', queue .. jobId, 'tk') == token then
        local job = read(jobId)
        if job then answer(jobId, job) end
      end
    end
    free = free - #taken
  end

  local function takeSuspect()
    for _, jobId in ipairs(redis.call('ZRANGE', queue .. 'prioritized', 0, 15)) do
      if not running[jobId] then
        local job = read(jobId)
        if not job then
          redis.call('ZREM', queue .. 'prioritized', jobId)
        elseif isWanted(job) or others == 'hand-out' or job[8] then
          if not isAlone then
            aloneIsDue = 1
            return
          end
          if free > 0 then
            free = 0
            redis.call('ZREM', queue .. 'prioritized', jobId)
            hand(jobId, job, 'prioritized')
          end
          return
        else
          redis.call('ZREM', queue .. 'prioritized', jobId)
          passOver(jobId, job)
        end
      end
    end
  end

  -- Answers the state in which it waited, as a dashboard may have moved it.
  local function leaveShelf(jobId, job)
    if unpark(jobId, job[1], job[2]) then return 'waiting-children' end
    if undelay(jobId) then
      redis.call('HSET', queue .. jobId, 'delay', 0)
      return 'delayed'
    end
    takeOffShelf(jobId, job[1])
  end

  -- Answers whether there are more. With thousands of types, those that there is no room for are not looked at.
  local function takeShelf(name)
    if free <= 0 or unshelved >= ${mostSteps} then return true end
    local jobIds, hasLeft = redis.call('ZRANGE', shelfOf(name), 0, ${mostSteps}), false
    for _, jobId in ipairs(jobIds) do
      local job = not running[jobId] and read(jobId)
      if job and isWanted(job) then
        if free <= 0 then return true end
        local previous = leaveShelf(jobId, job)
        hasLeft = true
        unshelved = unshelved + 1
        if previous and job[8] then
          local isSuspect = tonumber(job[4] or 0) >= untilAlone
          if previous == 'delayed' then
            makePending(jobId, 'RPUSH', isSuspect, 'prev', previous)
          else
            enterLine(jobId, 'LPUSH', isSuspect, 'prev', previous)
          end
        elseif previous and tonumber(job[4] or 0) >= untilAlone then
          makePending(jobId, 'LPUSH', true, 'prev', previous)
        elseif previous then
          free = free - 1
          hand(jobId, job, previous)
        end
      elseif not job and not running[jobId] then
        takeOffShelf(jobId, name)
        hasLeft = true
      end
    end
    return hasLeft and #jobIds > ${mostSteps}
  end

  local function takeParked()
    local parked = redis.call('SCARD', queue .. 'parked-types')
    if parked == 0 then return false end
    local isMore = false
    if isAny or parked <= typeCount then
      for _, name in ipairs(redis.call('SMEMBERS', queue .. 'parked-types')) do
        if isAny or wanted[name] or name == 'unreadable' then isMore = takeShelf(name) or isMore end
      end
    else
      for name in pairs(wanted) do
        if redis.call('SISMEMBER', queue .. 'parked-types', name) == 1 then isMore = takeShelf(name) or isMore end
      end
    end
    return isMore
  end

  local function takeWaiting()
    local aside = {}
    while free > 0 and steps < ${mostSteps} do
      local jobId = redis.call('RPOP', queue .. 'wait')
      if not jobId then break end
      local job = not running[jobId] and read(jobId)
      if job and job[8] then
        jobId = inTurn(jobId)
        job = jobId and not running[jobId] and read(jobId)
      end
      if jobId and running[jobId] then
        aside[#aside + 1] = jobId
      elseif job and tonumber(job[4] or 0) >= untilAlone then
        redis.call('ZADD', queue .. 'prioritized', now, jobId)
      elseif job and (others == 'hand-out' or job[8] or isWanted(job)) then
        free = free - 1
        hand(jobId, job, 'waiting')
      elseif job then
        passOver(jobId, job)
      end
    end
    local isMore = redis.call('LLEN', queue .. 'wait') > 0
    for at = #aside, 1, -1 do redis.call('RPUSH', queue .. 'wait', aside[at]) end
    return isMore
  end

  local isMoreOld
  local function soonest()
    local soonest = isMoreOld and ${untilMoreIsForgottenMs} or math.huge
    local delayed = redis.call('ZRANGE', queue .. 'delayed', 0, 0, 'WITHSCORES')[2]
    if delayed then soonest = math.floor(tonumber(delayed) / 4096) - now end
    local lease = redis.call('ZRANGEBYSCORE', queue .. 'leases', '(' .. whole(now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
    if lease then soonest = math.min(soonest, tonumber(lease) - now) end
    return soonest < math.huge and math.max(1, soonest) or -1
  end

  local function reportShed()
    for _, event in ipairs(redis.call('LPOP', queue .. 'shed', 64) or {}) do reports[#reports + 1] = { event, 'expired' } end
  end

  reportShed()
  interruptLapsed(running, leaseMs)
  isMoreOld = keepDeadMs >= 0 and forget('failed', now - keepDeadMs)
  isMoreOld = forget('completed', now) or isMoreOld -- their score is when they are deleted
  limitParked(keepMs, maxBytes, report)
  if isAgain then takeAgain() end
  if isPaused or limit == 0 then return { taken, now, -1, 0, reports } end
  local isMore = promoteDue()
  if isAlone then
    takeSuspect()
  else
    isMore = takeParked() or isMore
    isMore = takeWaiting() or isMore
    takeSuspect()
    limitParked(keepMs, maxBytes, report)
  end
  if isMore then wakeConsumer() end
  local isHeldBack = mostActive and free <= 0 and #taken < limit -- by BullMQ's limit on all processes, whose end is not announced
  return { taken, now, isHeldBack and 500 or isMore and 0 or soonest(), aloneIsDue, reports }
end
`

import { jobs } from './parts/jobs.ts'
import { prelude } from './parts/prelude.ts'
import { remembering } from './parts/remembering.ts'

/**
 * Takes one event on. Answers 0 (accepted), 1 (duplicate), 2 (duplicate with another body), 3 (accepted, and BullMQ's `obliterate` has emptied the
 * queue), or that it is in progress, and for how long.
 */
export const takeOn = `
-- Two objects as JSON in one. What both have is that of the second: whoever reads it takes the last of a name.
local function joined(one, other)
  return string.sub(one, 1, -2) .. ',' .. string.sub(other, 2)
end

local function takeOn(opts, key, name, data, timestamp, fingerprint, rememberMs, origin, progress, reason, order, ...)
  local aliases = { ... }
  local names = namesOf(key, aliases)
  if hasCounterpart(names, origin) then return 1 end
  local known = takenOn(key)
  if known then return known == fingerprint and 1 or 2 end
  local leased = origin == 'r' and leaseOn(names) or 0
  if leased > 0 then return { 'in_progress', leased } end
  local shared = origin == 'r' and names or aliases
  local wasEmptied = not mostEvents
  keepWhole(key, shared, function()
    remember(key, fingerprint, rememberMs, origin, aliases)
    if wasEmptied then beginQueue() end
    redis.call('INCR', queue .. 'id')
    local jobId = jobIdOf(key)
    storeJob(jobId, name, data, opts, timestamp, order)
    local claimed = redis.call('HGET', claimsBase .. key, 'progress')
    if reason ~= '' then
      bury(jobId, claimed and joined(progress, claimed) or progress, reason, 1)
    else
      if claimed then redis.call('HSET', queue .. jobId, 'progress', claimed) end
      enterLine(jobId, 'LPUSH', false)
    end
    redis.call('DEL', claimsBase .. key)
    for _, name in ipairs(shared) do tidyName(name) end
  end)
  return wasEmptied and 3 or 0
end
`

/**
 * Redis's memory report, if asked for. It is part of a put, so that it needs no round trip of its own. Empty where the user may not call `INFO`,
 * which is in the category `@dangerous`: an event is not refused because of that.
 */
export const memoryReport = `
local function memoryReport(isAsked)
  if isAsked ~= '1' then return {} end
  local info = redis.pcall('INFO', 'memory')
  if type(info) == 'table' then return {} end
  return { tonumber(string.match(info, 'used_memory:(%d+)')), tonumber(string.match(info, 'maxmemory:(%d+)')) }
end
`

/** Answers whether something was taken on under one of the names in ARGV, of whatever origin. */
export const knowsScript = `${prelude}${remembering}
local function isKnown(name)
  if takenOn(name) then return true end
  for _, member in ipairs(redis.call('SMEMBERS', aliasesBase .. name)) do
    if string.sub(member, 1, 1) ~= 'c' and takenOn(string.sub(member, 2)) then return true end
  end
  return false
end
for _, name in ipairs(ARGV) do
  if isKnown(name) then return 1 end
end
return 0
`

/**
 * Takes events on: ARGV source, whether to report memory, opts, then for each event the number of its arguments and these: those of `takeOn` after
 * `opts`. Answers the memory report, then the outcome of each.
 */
export const putScript = `${prelude}${remembering}${jobs}${takeOn}${memoryReport}
if #ARGV > 3 then enterSource(ARGV[1]) end
local answers, at = { memoryReport(ARGV[2]) }, 4
while at <= #ARGV do
  local last = at + tonumber(ARGV[at])
  answers[#answers + 1] = answerOf(takeOn, ARGV[3], unpack(ARGV, at + 1, last))
  at = last + 1
end
return answers
`

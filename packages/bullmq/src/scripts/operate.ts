import { jobs } from './parts/jobs.ts'
import { allowFull, prelude } from './parts/prelude.ts'
import { remembering } from './parts/remembering.ts'

/** Answers how many jobs are pending, scheduled, active, parked, dead and handled. */
export const countsScript = `${prelude}
return {
  redis.call('LLEN', queue .. 'wait') + redis.call('ZCARD', queue .. 'prioritized') + redis.call('ZCARD', queue .. 'behind'),
  redis.call('ZCARD', queue .. 'delayed'),
  redis.call('LLEN', queue .. 'active'),
  redis.call('ZCARD', queue .. 'waiting-children'),
  redis.call('ZCARD', queue .. 'failed'),
  redis.call('ZCARD', queue .. 'completed'),
}
`

/** How many jobs one scan reads at most. It blocks Redis for three or four milliseconds. */
const mostScanned = 2_000
/** After so many bytes of jobs it reads no further job: each may have a body of a megabyte. */
const mostBytes = 2_000_000

/**
 * Scans the jobs of one state from a position on: ARGV state, offset, the job that was there or '', how many to find, type or '' (with a number
 * before it that says whether one is asked for), received from, received before, tenant as it is in the event or '', the score of the job that was
 * there, 1 for the newest first, text in the id as in JSON or ''. Answers the next position, or -1 at the end; the matches as offset, id, event
 * without body, progress, score; and the job at the next position with its score. Of lists, the score is when the event was received.
 *
 * Jobs that were removed meanwhile have moved the rest forward. So the job that was at the offset is searched for first, then the position that
 * it had by its score and id. Waiting jobs are taken from the front, and stand nearly in the order in which they were received: the position is
 * among those that were received at the same time.
 */
export const scanScript = `${prelude}${remembering}${jobs}
local state, offset, landmark, most = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local asksType, type, receivedFrom, receivedBefore, tenant = ARGV[5] == '1', ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9]
local landmarkScore, newestFirst, inId = ARGV[10], ARGV[11] == '1', ARGV[12]
local key = queue .. state
local isList = state == 'wait' or state == 'active'

-- By bytes, as Redis sorts members of one score. Lua's own comparison depends on the locale of the server.
local function isBefore(one, other)
  for at = 1, math.min(#one, #other) do
    local byte, otherByte = string.byte(one, at), string.byte(other, at)
    if byte ~= otherByte then return byte < otherByte end
  end
  return #one < #other
end

-- How many of those that stay are before a job that is gone. Many may have its score: all that died in one script.
local function rankOf(jobId, score)
  local low, high = redis.call('ZCOUNT', key, '-inf', '(' .. score), redis.call('ZCOUNT', key, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isBefore(redis.call('ZRANGE', key, middle, middle)[1], jobId) then low = middle + 1 else high = middle end
  end
  return low
end

local function timeOf(jobId)
  return tonumber(redis.call('HGET', queue .. jobId, 'timestamp') or 0)
end

-- The score of a job of a list.
local function scoreOf(jobId)
  return isList and timeOf(jobId) or redis.call('ZSCORE', key, jobId)
end

-- How many jobs of a list, the oldest first, were received before a time.
local function receivedBeforeThat(time)
  local low, high = 0, redis.call('LLEN', key)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if timeOf(redis.call('LINDEX', key, -1 - middle)) < time then low = middle + 1 else high = middle end
  end
  return low
end

if landmark ~= '' then
  if state == 'behind' then
    offset = newestFirst and redis.call('ZLEXCOUNT', key, '(' .. landmark, '+') or redis.call('ZLEXCOUNT', key, '-', '(' .. landmark)
  elseif isList then
    local fromHead = redis.call('LPOS', key, landmark, 'RANK', newestFirst and 1 or -1)
    if fromHead then
      offset = newestFirst and fromHead or redis.call('LLEN', key) - 1 - fromHead
    elseif state == 'wait' and not newestFirst and landmarkScore ~= '' then
      local time = tonumber(landmarkScore)
      offset = math.max(receivedBeforeThat(time), math.min(offset, receivedBeforeThat(time + 1)))
    end
  elseif redis.call('ZSCORE', key, landmark) == landmarkScore then -- it has not left and come back
    offset = redis.call(newestFirst and 'ZREVRANK' or 'ZRANK', key, landmark)
  else
    local before = rankOf(landmark, landmarkScore)
    offset = newestFirst and redis.call('ZCARD', key) - before or before
  end
end

local length = redis.call(isList and 'LLEN' or 'ZCARD', key)
local count = math.max(0, math.min(${mostScanned}, length - offset))
if count == 0 then return { -1, {}, '', '' } end
local isReversed = isList and not newestFirst -- the oldest job of a list is the last one
local first = isReversed and length - offset - count or offset
local ids = redis.call(isList and 'LRANGE' or newestFirst and 'ZREVRANGE' or 'ZRANGE', key, first, first + count - 1) -- for those behind others, their members

local found, bytes = {}, 0

-- A job's id contains the event's id, unless that is written as a digest.
local inJobId = string.gsub(inId, ':', '|')
local function mayHaveIt(jobId)
  return inId == '' or string.find(jobId, inJobId, 1, true) or string.find(jobId, '~', 1, true)
end

local function upTo(place, jobId)
  return { place, found, jobId, scoreOf(jobId) }
end

for place = 1, count do
  local member = ids[isReversed and count + 1 - place or place]
  local jobId = state == 'behind' and jobIn(member) or member
  if mayHaveIt(jobId) and (not asksType or redis.call('HGET', queue .. jobId, 'name') == type) then
    if bytes > ${mostBytes} then return upTo(offset + place - 1, member) end
    local receivedAt, data, progress = unpack(redis.call('HMGET', queue .. jobId, 'timestamp', 'data', 'progress'))
    receivedAt = tonumber(receivedAt)
    bytes = bytes + #(data or '')
    local isMeant = data and receivedAt >= receivedFrom and receivedAt < receivedBefore
    if isMeant and (tenant == '' or string.find(data, tenant, 1, true)) and (inId == '' or string.find(data, inId, 1, true)) then
      if #found == most then return upTo(offset + place - 1, member) end
      found[#found + 1] = { offset + place - 1, member, withoutBody(data), progress or '', scoreOf(member) }
    end
  end
end
if offset + count >= length then return { -1, found, '', '' } end
if isList then return upTo(offset + count, redis.call('LINDEX', key, isReversed and -1 - offset - count or offset + count)) end
return upTo(offset + count, redis.call(newestFirst and 'ZREVRANGE' or 'ZRANGE', key, offset + count, offset + count)[1])
`

/** ARGV job id. Answers its state, event, progress and score, or nothing. */
export const findScript = `${prelude}
local jobId = ARGV[1]
local data, progress = unpack(redis.call('HMGET', queue .. jobId, 'data', 'progress'))
if not data then return {} end
for _, state in ipairs({ 'delayed', 'failed', 'waiting-children', 'completed', 'prioritized' }) do
  local score = redis.call('ZSCORE', queue .. state, jobId)
  if score then return { state, data, progress or '', score } end
end
local member = redis.call('HGET', queue .. jobId, 'ol')
if member and redis.call('ZSCORE', queue .. 'behind', member) then return { 'behind', data, progress or '', '' } end
for _, state in ipairs({ 'active', 'wait' }) do
  if redis.call('LPOS', queue .. state, jobId) then return { state, data, progress or '', '' } end
end
return {}
`

/** Answers whether the progress of a job is still the one that was read. */
const isAsRead = `
local function isAsRead(jobId, found)
  return (redis.call('HGET', queue .. jobId, 'progress') or '') == found
end
`

/** ARGV job id, its progress as it was read, its new progress. Answers whether it was a dead letter, or -1 where the progress has changed. */
export const redriveScript = `${allowFull}${prelude}${remembering}${jobs}${isAsRead}
local jobId, found, progress = unpack(ARGV)
if not redis.call('ZSCORE', queue .. 'failed', jobId) or redis.call('EXISTS', queue .. jobId) == 0 then return 0 end
if not isAsRead(jobId, found) then return -1 end
redis.call('ZREM', queue .. 'failed', jobId)
redis.call('HDEL', queue .. jobId, 'failedReason', 'stacktrace', 'finishedOn', 'processedOn', 'atm', 'stc', 'ia', 'tk', 'al', 'wi', 'dd')
redis.call('HSET', queue .. jobId, 'progress', progress)
enterLine(jobId, 'LPUSH', false, 'prev', 'failed')
return 1
`

/** ARGV as above, and the id of the replay. Answers whether it was handled, and this replay has not had it before, or -1. */
export const replayScript = `${allowFull}${prelude}${remembering}${jobs}${isAsRead}
local jobId, found, progress, replay = unpack(ARGV)
if redis.call('HGET', queue .. jobId, 'rp') == replay or not redis.call('ZSCORE', queue .. 'completed', jobId) then return 0 end
if not isAsRead(jobId, found) then return -1 end
redis.call('ZREM', queue .. 'completed', jobId)
redis.call('HDEL', queue .. jobId, 'returnvalue', 'finishedOn', 'processedOn', 'atm')
redis.call('HSET', queue .. jobId, 'progress', progress, 'rp', replay)
enterLine(jobId, 'LPUSH', false, 'prev', 'completed')
return 1
`

/** ARGV job id. Answers whether it was there, and not active. */
export const discardScript = `${allowFull}${prelude}${remembering}${jobs}
local jobId = ARGV[1]
local data = redis.call('HGET', queue .. jobId, 'data') or ''
if redis.call('LPOS', queue .. 'active', jobId) then return 0 end
local state = withdraw(jobId)
if not state then return 0 end
leaveLine(jobId)
erase(jobId, namesIn(data))
tell('removed', jobId, 'prev', state)
return 1
`

/** Passes on a wake that came to a consumer with no free hand. */
export const passOnScript = `${prelude}${remembering}${jobs}
if redis.call('EXISTS', queue .. 'wait') == 1 then wakeConsumer() end
return 1
`

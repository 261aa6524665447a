import { jobs } from './parts/jobs.ts'
import { allowFull, prelude } from './parts/prelude.ts'
import { remembering } from './parts/remembering.ts'
import { memoryReport } from './put.ts'

/** How many are dropped before memory is checked again, and how often that happens in one call: a few milliseconds. */
const [batch, batches] = [16, 16]

/** For how many dropped events it is stored which they were, until a consumer reports them. */
const mostTold = 1_000

/** Roughly what a parked job takes up beside its body, and how much longer the body is when stored. */
const [bytesOfJob, stretch] = [1_000, 1.4]

/** Answers the memory report, and roughly how many bytes of it the parked jobs of one source take up. */
export const parkedScript = `${allowFull}${prelude}${remembering}${jobs}${memoryReport}
return { memoryReport('1'), math.floor(parkedBytes(0) * ${stretch} + redis.call('ZCARD', queue .. 'waiting-children') * ${bytesOfJob}) }
`

/**
 * Drops parked jobs, the oldest first, while Redis uses more than a share of its `maxmemory`: ARGV share. Answers the memory report afterwards, and
 * how many were dropped.
 */
export const shedScript = `${allowFull}${prelude}${remembering}${jobs}${memoryReport}
local share, dropped = tonumber(ARGV[1]), 0

-- Drops a twentieth more than necessary, so that it is not called for every put.
local function isShort()
  local used, max = unpack(memoryReport('1'))
  return max and max > 0 and used > max * share * 0.95
end

local function noteDown(_, data)
  redis.call('RPUSH', queue .. 'shed', withoutBody(data))
end

for _ = 1, ${batches} do
  local oldest = isShort() and redis.call('ZRANGE', queue .. 'waiting-children', 0, ${batch - 1}) or {}
  for _, jobId in ipairs(oldest) do dropParked(jobId, noteDown) end
  dropped = dropped + #oldest
  if #oldest < ${batch} then break end
end
if dropped > 0 then redis.call('LTRIM', queue .. 'shed', -${mostTold}, -1) end
return { memoryReport('1'), dropped }
`

/**
 * Scripts are the steps that have to be atomic. None touches a key that it was not given, or given the beginning of, and all keys of a call
 * share a hash tag. No script parses JSON that holds text of others: what Lua's parser makes of lone surrogates is an error.
 */

/** The version of the layout in Redis. A process writes nothing where it finds another number. */
export const layout = 3

/** How the reply of a script begins that has found another layout, which follows; 0 for none. */
export const otherLayout = 'HOOKPORTLAYOUT'

/** KEYS of every script: `Keys.ofScripts`. `now` is milliseconds by Redis's clock, so that processes need not agree on the time. */
export const prelude = `
local layoutKey, applicationKey, sourcesKey, idsBase, aliasesBase, claimsBase, queue, notesKey, leadsBase = unpack(KEYS)
local foundLayout = redis.call('GET', layoutKey)
if foundLayout ~= '${layout}' then return redis.error_reply('${otherLayout} ' .. (foundLayout or '0')) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function whole(number)
  return string.format('%.0f', number)
end

-- A step that fails is an answer of its own, and no matter of its neighbours.
local function answerOf(step, ...)
  local done, answer = pcall(step, ...)
  if done then return answer end
  return { 'error', type(answer) == 'table' and answer.err or tostring(answer) }
end
`

/** Redis 7 lets a script run on a full memory that says so: what makes room must not wait for room. */
export const allowFull = '#!lua flags=allow-oom\n'

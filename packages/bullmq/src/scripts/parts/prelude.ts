/**
 * The steps that have to be atomic are scripts. A script only uses keys that it was given, or whose prefix it was given, and all keys of a call have
 * the same hash tag. No script parses JSON with text of others, as Lua's parser fails on lone surrogates.
 */

/** The version of the layout in Redis. A process does not write where it finds another version. */
export const layout = 3

/** The beginning of a script's error if it found another layout. The version follows, 0 for none. */
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

-- If a step fails, its error is its answer, and the other steps still run.
local function answerOf(step, ...)
  local done, answer = pcall(step, ...)
  if done then return answer end
  return { 'error', type(answer) == 'table' and answer.err or tostring(answer) }
end
`

/** With this flag Redis 7 runs a script when memory is full. What makes room must not wait for room. */
export const allowFull = '#!lua flags=allow-oom\n'

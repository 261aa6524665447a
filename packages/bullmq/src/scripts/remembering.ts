/**
 * What is remembered of events that were taken on. Under its key the fingerprint of each; under its aliases its origin: `d` for a delivery, `r`
 * for what was reconciled. Those of different origin are one happening where one of their names, key or alias, is the same.
 */
export const remembering = `
-- The fingerprint of an event that was taken on, or nil. An event that is kept counts as remembered.
local function takenOn(key)
  local fingerprint = redis.call('GET', idsBase .. key)
  if fingerprint then return fingerprint end
  local data = redis.call('HGET', queue .. string.gsub(key, ':', '|'), 'data')
  return data and string.match(data, '"fingerprint":"(%d+)"')
end

local function isKnownByAlias(key, origin, aliases)
  if origin == 'd' then
    if redis.call('GET', aliasesBase .. key) == 'r' then return true end
    for _, alias in ipairs(aliases) do
      if redis.call('GET', aliasesBase .. alias) == 'r' then return true end
    end
    return false
  end
  if redis.call('GET', aliasesBase .. key) == 'd' then return true end
  for _, alias in ipairs(aliases) do
    local known = redis.call('GET', aliasesBase .. alias)
    if known == 'd' or (not known and redis.call('EXISTS', idsBase .. alias) == 1) then return true end
  end
  return false
end

local function remember(key, fingerprint, rememberMs, origin, aliases)
  redis.call('SET', idsBase .. key, fingerprint, 'PX', rememberMs)
  for _, alias in ipairs(aliases) do redis.call('SET', aliasesBase .. alias, origin, 'PX', rememberMs) end
  if origin == 'r' then redis.call('SET', aliasesBase .. key, origin, 'PX', rememberMs) end
end
`

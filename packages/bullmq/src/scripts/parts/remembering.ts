/** How many deliveries a name may have. One event has one, or two if its sender gave it two ids. */
const mostDeliveries = 16

/**
 * What is remembered of events that were taken on: the fingerprint of each under its key, for its time. An event that is kept is known for that long
 * too.
 *
 * A delivered and a reconciled event are the same if they share a name, which is a key or an alias. Under a name is the set of those who have it: `d`
 * and the key of a delivery with this alias, `r` and the key of a reconciled event, `c` and the key of a claimed delivery with this alias. A set
 * lasts as long as its members. A member counts while it is remembered, kept or claimed. For a name with very many deliveries, only some are stored,
 * the newest among them, as each put reads the whole set.
 */
export const remembering = `
local function jobIdOf(key)
  return (string.gsub(key, ':', '|'))
end

-- The fingerprint of an event that was taken on, or nil.
local function takenOn(key)
  local fingerprint = redis.call('GET', idsBase .. key)
  if fingerprint then return fingerprint end
  local data = redis.call('HGET', queue .. jobIdOf(key), 'data')
  return data and string.match(data, '"fingerprint":"(%d+)"')
end

-- Whether the event was taken on from the other origin.
local function hasCounterpart(names, origin)
  if origin == 'd' and #names == 1 and redis.call('EXISTS', aliasesBase .. names[1]) == 0 then return false end -- as for most events
  local opposite = origin == 'd' and 'r' or 'd'
  for _, name in ipairs(names) do
    local has = {}
    for _, member in ipairs(redis.call('SMEMBERS', aliasesBase .. name)) do
      has[member] = true
      if string.sub(member, 1, 1) == opposite and takenOn(string.sub(member, 2)) then return true end
    end
    if origin == 'r' and not has['r' .. name] and takenOn(name) then return true end
  end
  return false
end

-- How many milliseconds a lease still runs on a delivery that has one of these names.
local function leaseOn(names)
  local longest = 0
  local function look(key)
    longest = math.max(longest, tonumber(redis.call('HGET', claimsBase .. key, 'leaseUntil') or 0) - now)
  end
  for _, name in ipairs(names) do
    look(name)
    for _, member in ipairs(redis.call('SMEMBERS', aliasesBase .. name)) do
      if string.sub(member, 1, 1) == 'c' then look(string.sub(member, 2)) end
    end
  end
  return longest
end

-- Removes the members of a name that are no longer remembered, kept or claimed, and sets how long the others last.
local function tidyName(name)
  local set, longest, isKept = aliasesBase .. name, 0, false
  for _, member in ipairs(redis.call('SMEMBERS', set)) do
    local key = string.sub(member, 2)
    local isClaim = string.sub(member, 1, 1) == 'c'
    local remaining = redis.call('PTTL', (isClaim and claimsBase or idsBase) .. key)
    if not isClaim and redis.call('EXISTS', queue .. jobIdOf(key)) == 1 then
      isKept = true
    elseif remaining > 0 then
      longest = math.max(longest, remaining)
    else
      redis.call('SREM', set, member)
    end
  end
  if isKept then
    redis.call('PERSIST', set)
  elseif longest > 0 then
    redis.call('PEXPIRE', set, longest)
  end
end

local function namesOf(key, aliases)
  local names = { key }
  for _, alias in ipairs(aliases) do names[#names + 1] = alias end
  return names
end

local function makeRoom(set)
  if redis.call('SCARD', set) < ${mostDeliveries} then return end
  for _, member in ipairs(redis.call('SRANDMEMBER', set, ${mostDeliveries})) do
    if string.sub(member, 1, 1) == 'd' then
      redis.call('SREM', set, member)
      return
    end
  end
end

local function remember(key, fingerprint, rememberMs, origin, aliases)
  redis.call('SET', idsBase .. key, fingerprint, 'PX', rememberMs)
  for _, name in ipairs(origin == 'r' and namesOf(key, aliases) or aliases) do
    if origin == 'd' then makeRoom(aliasesBase .. name) end
    redis.call('SADD', aliasesBase .. name, origin .. key)
    redis.call('SREM', aliasesBase .. name, 'c' .. key)
  end
end
`

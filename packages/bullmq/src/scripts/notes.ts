import { prelude } from './parts/prelude.ts'

/**
 * Notes and leads: a hash `notes` of names and, joined by a space, versions and texts; and a string for each lead, with its holder, which expires.
 *
 * If a call is sent again because a connection broke, a write that has already happened is recognised by its new version.
 */

/** ARGV name, '' or the version that was read, the new version, '' or (behind a space) the text. Answers whether it was written. */
export const writeNoteScript = `${prelude}
local name, version, nextVersion, text = unpack(ARGV)
local found = redis.call('HGET', notesKey, name)
local foundVersion = found and string.match(found, '^%S+') or ''
if foundVersion == nextVersion then return 1 end
if foundVersion ~= version then return 0 end
if text == '' then redis.call('HDEL', notesKey, name) else redis.call('HSET', notesKey, name, nextVersion .. text) end
return 1
`

/** ARGV work, holder, leaseMs. Answers whether the holder has the lead. */
export const leadScript = `${prelude}
local lead, holder = leadsBase .. ARGV[1], ARGV[2]
local found = redis.call('GET', lead)
if found and found ~= holder then return 0 end
redis.call('SET', lead, holder, 'PX', ARGV[3])
return 1
`

/** ARGV work, holder. */
export const resignScript = `${prelude}
local lead = leadsBase .. ARGV[1]
if redis.call('GET', lead) == ARGV[2] then redis.call('DEL', lead) end
return 1
`

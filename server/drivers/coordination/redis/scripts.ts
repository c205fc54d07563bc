import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { RedisLink } from '../../redis/link'

/**
 * What the instances share about presence, as Lua scripts: each is one step that happens whole or not at all. All keys are under one hash tag, so
 * that a cluster keeps them together:
 *
 * - `:state` hash. `born`: when this state was begun, microseconds: its name, by which an instance sees that Redis has been emptied.
 *   `version`: a counter of changes, begun at `born` so that it never repeats. `tick`: when a script last looked at the clock, ms.
 * - `:instances` sorted set: instance → when its lease ends, ms of Redis's clock.
 * - `:fences` hash: instance → number of its last call. A call that was stuck in a hung connection comes too late and is refused.
 * - `:on:<instance>` set of pairs `<bytes of room>:<room><user>`: whom it has, to be undone when its lease has ended.
 * - `:room:<room>` hash: user → how many instances have them. Its length is the number of people online.
 * - `:versions` hash: room → `version` at its last change; nothing for a room without people.
 */
export const PREFIX = '{chatly}'

/** Most pairs in one call: what a call takes of Redis's time stays about a millisecond. */
export const SLICE = 500

const common = `
local prefix, me = KEYS[1], ARGV[1]
local STATE, INSTANCES, FENCES, VERSIONS = prefix .. ':state', prefix .. ':instances', prefix .. ':fences', prefix .. ':versions'
local ON, ROOM = prefix .. ':on:', prefix .. ':room:'

local function born() return redis.call('HGET', STATE, 'born') end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function digits(number) return string.format('%.0f', number) end

-- While no instance came through, nobody could renew: that time, or a jump of the clock, does not count against the leases.
local function tick(gap)
  local last = redis.call('HGET', STATE, 'tick')
  redis.call('HSET', STATE, 'tick', digits(now))
  local away = last and now - last or 0
  if math.abs(away) <= tonumber(gap) then return end
  for _, instance in ipairs(redis.call('ZRANGE', INSTANCES, 0, -1)) do redis.call('ZINCRBY', INSTANCES, digits(away), instance) end
end

-- Whether it may go on. One whose lease has ended may be half undone, even where it is still listed: it joins anew, and reads what is left of it.
local function leased(instance)
  local ends = redis.call('ZSCORE', INSTANCES, instance)
  return ends and tonumber(ends) > now
end

local order, changed = {}, {}
local function note(room, user, list)
  local change = changed[room]
  if not change then
    change = { joined = {}, left = {} }
    changed[room] = change
    order[#order + 1] = room
  end
  change[list][#change[list] + 1] = user
end

local function split(pair)
  local colon = string.find(pair, ':', 1, true)
  local length = tonumber(string.sub(pair, 1, colon - 1))
  return string.sub(pair, colon + 1, colon + length), string.sub(pair, colon + length + 1)
end

local function add(pair)
  local room, user = split(pair)
  if redis.call('HINCRBY', ROOM .. room, user, 1) == 1 then note(room, user, 'joined') end
end

local function remove(pair)
  local room, user = split(pair)
  if redis.call('HINCRBY', ROOM .. room, user, -1) > 0 then return end
  redis.call('HDEL', ROOM .. room, user)
  note(room, user, 'left')
end

-- What the rooms' people are told: { room, version before, version, joined, left } each.
local function changes()
  local list = {}
  for i, room in ipairs(order) do
    local before = redis.call('HGET', VERSIONS, room) or '0'
    local version = digits(redis.call('HINCRBY', STATE, 'version', 1))
    if redis.call('EXISTS', ROOM .. room) == 1 then redis.call('HSET', VERSIONS, room, version) else redis.call('HDEL', VERSIONS, room) end
    list[i] = { room, before, version, changed[room].joined, changed[room].left }
  end
  return list
end

-- Undoes a slice of whom an instance has; 1 when there is more.
local function undo(instance)
  local pairs = redis.call('SPOP', ON .. instance, ${SLICE})
  for _, pair in ipairs(pairs) do remove(pair) end
  if #pairs == ${SLICE} then return 1 end
  redis.call('ZREM', INSTANCES, instance)
  redis.call('HDEL', FENCES, instance)
  return 0
end
`

const define = (body: string) => {
  const source = common + body
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

/** instance, call number, lease ms, gap ms → `born` of the state that it now belongs to. */
export const JOIN = define(`
tick(ARGV[4])
if tonumber(redis.call('HGET', FENCES, me) or '-1') >= tonumber(ARGV[2]) then return false end
if not born() then
  local begun = time[1] .. string.format('%06d', time[2])
  redis.call('HSET', STATE, 'born', begun, 'version', begun)
end
redis.call('HSET', FENCES, me, ARGV[2])
redis.call('ZADD', INSTANCES, digits(now + ARGV[3]), me)
return born()`)

/** instance, call number, born, then `+pair` or `-pair` each → changes; null when the instance must join anew. Doing it twice is doing it once. */
export const CHANGE = define(`
if born() ~= ARGV[3] or not leased(me) then return false end
if tonumber(redis.call('HGET', FENCES, me) or '-1') >= tonumber(ARGV[2]) then return false end
redis.call('HSET', FENCES, me, ARGV[2])
for i = 4, #ARGV do
  local pair = string.sub(ARGV[i], 2)
  if string.sub(ARGV[i], 1, 1) == '+' then
    if redis.call('SADD', ON .. me, pair) == 1 then add(pair) end
  elseif redis.call('SREM', ON .. me, pair) == 1 then
    remove(pair)
  end
end
return changes()`)

/**
 * instance, born, lease ms, gap ms → version, whether there is more to sweep, changes; null when the instance must join anew.
 * Renews the instance's own lease and sweeps a slice of one that has ended.
 */
export const BEAT = define(`
tick(ARGV[4])
if born() ~= ARGV[2] or not leased(me) then return false end
redis.call('ZADD', INSTANCES, digits(now + ARGV[3]), me)
local ended = redis.call('ZRANGEBYSCORE', INSTANCES, '-inf', digits(now), 'LIMIT', '0', '1')[1]
local more = ended and undo(ended) or 0
local list = changes()
return { redis.call('HGET', STATE, 'version'), more, list }`)

/** instance → whether there is more, changes. Ends a slice of its lease at once. */
export const END = define(`
local more = undo(me)
return { more, changes() }`)

/** born, rooms → version, then for each room its version ('0': nobody) and its people; null when the state is another. */
export const READ = define(`
if born() ~= ARGV[1] then return false end
local list = { redis.call('HGET', STATE, 'version') }
for i = 2, #ARGV do list[i] = { redis.call('HGET', VERSIONS, ARGV[i]) or '0', redis.call('HKEYS', ROOM .. ARGV[i]) } end
return list`)

/** born, rooms → the version of each; null when the state is another. */
export const COMPARE = define(`
if born() ~= ARGV[1] then return false end
local list = {}
for i = 2, #ARGV do list[i - 1] = redis.call('HGET', VERSIONS, ARGV[i]) or '0' end
return list`)

/** born, rooms → the number of people in each; null when the state is another. */
export const COUNT = define(`
if born() ~= ARGV[1] then return false end
local list = {}
for i = 2, #ARGV do list[i - 1] = redis.call('HLEN', ROOM .. ARGV[i]) end
return list`)

/** A change of who is in a room, anywhere. `before` is the room's version that it follows; 0: there was nobody. */
export interface Change { room: string, before: number, version: number, joined: string[], left: string[] }

const number = z.coerce.number().int().nonnegative()
const change = z.tuple([z.string(), number, number, z.array(z.string()), z.array(z.string())])
  .transform(([room, before, version, joined, left]): Change => ({ room, before, version, joined, left }))

/** What the scripts answer. */
export const replies = {
  join: z.string(),
  changes: z.array(change),
  beat: z.tuple([z.string(), z.number(), z.array(change)]),
  end: z.tuple([z.number(), z.array(change)]),
  read: z.tuple([number]).rest(z.tuple([number, z.array(z.string())])),
  compare: z.array(number),
  count: z.array(number)
}

const message = z.tuple([z.string(), z.array(change)])

/** What instances tell one another: `born` and changes, as they came out of a script. */
export const encode = (born: string, changes: readonly Change[]): Buffer =>
  Buffer.from(JSON.stringify([born, changes.map(({ room, before, version, joined, left }) => [room, before, version, joined, left])]))

/** null for what is none. */
export function decode(bytes: Buffer): z.output<typeof message> | null {
  try {
    return message.safeParse(JSON.parse(bytes.toString())).data ?? null
  } catch {
    return null
  }
}

/** Runs a script by its hash; its text goes over only where Redis does not know it. Rejects as `link.run` does. */
export function call(link: RedisLink, { source, sha }: { source: string, sha: string }, words: readonly string[]): Promise<unknown> {
  return link.run(sha, client => client.sendCommand(['EVALSHA', sha, '1', PREFIX, ...words]).catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return client.sendCommand(['EVAL', source, '1', PREFIX, ...words])
    throw error
  }))
}

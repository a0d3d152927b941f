/**
 * The steps of the queue in Redis, each a Lua script, which Redis runs whole and writes into its
 * append-only file whole. The clock is Redis's own, so that machines need not agree on the time.
 *
 * Keys, all behind the prefix:
 *   job:ID        hash: delivery, line, installation, failures, losses, reason
 *   line:KEY      list of the ids that wait in a line; its head may be in the hands of a worker
 *   leases        hash: line → lease
 *   homes         hash: line → installation
 *   due:NUMBER    sorted set of an installation: line → when it may be taken (again)
 *   served        sorted set: installation → turn in which it was served last
 *   turn          number of the last turn
 *   held          sorted set: installation → until when it waits
 *   parked        sorted set: id → when it was parked
 *   seen:ID       a finished delivery, until it expires
 */

/** `ARGV[1]` is the prefix, what a step is given stands behind it. */
const PRELUDE = `
local p = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- At the end of the round: who came and went could otherwise always be the next.
local function turn(installation)
  redis.call('ZADD', p .. 'served', redis.call('INCR', p .. 'turn'), installation)
end

local function join(id, line, installation)
  redis.call('RPUSH', p .. 'line:' .. line, id)
  if redis.call('HSETNX', p .. 'homes', line, installation) == 1 then
    redis.call('ZADD', p .. 'due:' .. installation, now, line)
    if not redis.call('ZSCORE', p .. 'served', installation) then turn(installation) end
  end
end

local function release(line, due)
  redis.call('HDEL', p .. 'leases', line)
  redis.call('ZADD', p .. 'due:' .. redis.call('HGET', p .. 'homes', line), due, line)
end

-- The head goes: the next one may be taken, or the line is done.
local function advance(line)
  redis.call('LPOP', p .. 'line:' .. line)
  if redis.call('EXISTS', p .. 'line:' .. line) == 1 then return release(line, now) end
  local installation = redis.call('HGET', p .. 'homes', line)
  redis.call('HDEL', p .. 'leases', line)
  redis.call('HDEL', p .. 'homes', line)
  redis.call('ZREM', p .. 'due:' .. installation, line)
  if redis.call('EXISTS', p .. 'due:' .. installation) == 0 then
    redis.call('ZREM', p .. 'served', installation)
  end
end

local function isHeld(line, lease)
  return redis.call('HGET', p .. 'leases', line) == lease
end

local function head(line)
  return redis.call('LINDEX', p .. 'line:' .. line, 0)
end
`;

const STEPS = {
  /** id, line, installation, delivery, channel → 1 where it is new */
  add: `
    local id = ARGV[2]
    if redis.call('EXISTS', p .. 'job:' .. id, p .. 'seen:' .. id) > 0 then return 0 end
    redis.call('HSET', p .. 'job:' .. id, 'delivery', ARGV[5], 'line', ARGV[3],
      'installation', ARGV[4], 'failures', 0, 'losses', 0)
    join(id, ARGV[3], ARGV[4])
    redis.call('PUBLISH', ARGV[6], '')
    return 1`,
  /** lease, its milliseconds → delivery, line, failures, losses */
  take: `
    local from = 0
    while true do
      local round = redis.call('ZRANGE', p .. 'served', from, from + 99)
      if #round == 0 then return false end
      for _, installation in ipairs(round) do
        local due = p .. 'due:' .. installation
        local held = tonumber(redis.call('ZSCORE', p .. 'held', installation) or 0)
        local line = held <= now and redis.call('ZRANGE', due, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)[1]
        if line then
          local job = p .. 'job:' .. head(line)
          if redis.call('HEXISTS', p .. 'leases', line) == 1 then
            redis.call('HINCRBY', job, 'losses', 1)
          end
          redis.call('HSET', p .. 'leases', line, ARGV[2])
          redis.call('ZADD', due, now + ARGV[3], line)
          turn(installation)
          local row = redis.call('HMGET', job, 'delivery', 'failures', 'losses')
          return { row[1], line, tonumber(row[2]), tonumber(row[3]) }
        end
      end
      from = from + 100
    end`,
  /** line, lease, milliseconds → 1 where it is still held */
  renew: `
    if not isHeld(ARGV[2], ARGV[3]) then return 0 end
    local installation = redis.call('HGET', p .. 'homes', ARGV[2])
    redis.call('ZADD', p .. 'due:' .. installation, now + ARGV[4], ARGV[2])
    return 1`,
  /** line, lease, milliseconds for which the id stays known → 1 where it was held */
  finish: `
    if not isHeld(ARGV[2], ARGV[3]) then return 0 end
    local id = head(ARGV[2])
    redis.call('DEL', p .. 'job:' .. id)
    redis.call('SET', p .. 'seen:' .. id, '', 'PX', ARGV[4])
    advance(ARGV[2])
    return 1`,
  /** line, lease, milliseconds, reason, 1 for a failure, 1 for all of the installation → 1 where it was held */
  retry: `
    if not isHeld(ARGV[2], ARGV[3]) then return 0 end
    local job = p .. 'job:' .. head(ARGV[2])
    redis.call('HINCRBY', job, 'failures', ARGV[6])
    redis.call('HSET', job, 'reason', ARGV[5])
    release(ARGV[2], now + ARGV[4])
    if ARGV[7] == '1' then
      redis.call('ZADD', p .. 'held', 'GT', now + ARGV[4], redis.call('HGET', p .. 'homes', ARGV[2]))
    end
    return 1`,
  /** line, lease, reason → 1 where it was held */
  park: `
    if not isHeld(ARGV[2], ARGV[3]) then return 0 end
    local id = head(ARGV[2])
    redis.call('HSET', p .. 'job:' .. id, 'reason', ARGV[4])
    redis.call('ZADD', p .. 'parked', now, id)
    advance(ARGV[2])
    return 1`,
  /** how many → delivery, reason, when, and so on */
  parked: `
    local found = {}
    for _, id in ipairs(redis.call('ZRANGE', p .. 'parked', 0, ARGV[2] - 1, 'REV')) do
      local row = redis.call('HMGET', p .. 'job:' .. id, 'delivery', 'reason')
      table.insert(found, row[1])
      table.insert(found, row[2] or '')
      table.insert(found, redis.call('ZSCORE', p .. 'parked', id))
    end
    return found`,
  /** id, channel → 1 where it was parked */
  unpark: `
    local id = ARGV[2]
    if redis.call('ZREM', p .. 'parked', id) == 0 then return 0 end
    local job = p .. 'job:' .. id
    redis.call('HSET', job, 'failures', 0, 'losses', 0)
    redis.call('HDEL', job, 'reason')
    local row = redis.call('HMGET', job, 'line', 'installation')
    join(id, row[1], row[2])
    redis.call('PUBLISH', ARGV[3], '')
    return 1`,
  /** → waiting, running, parked */
  counts: `
    local waiting, running = 0, 0
    for _, line in ipairs(redis.call('HKEYS', p .. 'homes')) do
      waiting = waiting + redis.call('LLEN', p .. 'line:' .. line)
    end
    local leased = redis.call('HKEYS', p .. 'leases')
    for _, line in ipairs(leased) do
      local installation = redis.call('HGET', p .. 'homes', line)
      if tonumber(redis.call('ZSCORE', p .. 'due:' .. installation, line)) > now then
        running = running + 1
      end
    end
    return { waiting - running, running, redis.call('ZCARD', p .. 'parked') }`,
  /** milliseconds for which parked jobs are kept, how many at a time → how many were deleted */
  sweep: `
    redis.call('ZREMRANGEBYSCORE', p .. 'held', '-inf', now)
    local old = redis.call('ZRANGE', p .. 'parked', '-inf', now - ARGV[2], 'BYSCORE', 'LIMIT', 0, ARGV[3])
    for _, id in ipairs(old) do
      redis.call('DEL', p .. 'job:' .. id)
      redis.call('ZREM', p .. 'parked', id)
    end
    return #old`,
} as const;

export type Step = keyof typeof STEPS;

export const SCRIPTS = Object.fromEntries(
  Object.entries(STEPS).map(([name, body]) => [name, `${PRELUDE}${body}`]),
) as Readonly<Record<Step, string>>;

import { script } from './redis-engine.ts';

/**
 * Per stream: KEYS events (a Redis stream whose ids are `<seq>-0`), head (hash: seq, at) and ids (hash: event id to
 * seq). Per entry six ARGV: number of its stream, event id, type, time, JSON, and what is expected: `any`, `any-new` for an
 * id that was made up just now and need not be looked for, the seq of the head (0 when empty), or -1, which none has.
 *
 * Decides about all entries before it writes the first. Answers with seq and "was there already" per entry, or with
 * one number: minus the entry that met another head than it expected.
 */
export const APPEND = script(
  'write',
  `local seqs, times, fresh, rows, answer = {}, {}, {}, {}, {}
  for e = 1, #ARGV / 6 do
    local at = (e - 1) * 6
    local s, id, time, expect = tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 4], ARGV[at + 6]
    if not seqs[s] then
      local head = redis.call('HMGET', KEYS[s * 3 - 1], 'seq', 'at')
      seqs[s], times[s] = tonumber(head[1] or '0'), head[2] or ''
    end
    local name = s .. ' ' .. id
    local known = expect ~= 'any-new' and (fresh[name] or redis.call('HGET', KEYS[s * 3], id))
    if known then
      answer[e * 2 - 1], answer[e * 2] = tonumber(known), 1
    elseif expect ~= 'any' and expect ~= 'any-new' and tonumber(expect) ~= seqs[s] then
      return { -e }
    else
      if times[s] > time then time = times[s] end
      seqs[s], times[s] = seqs[s] + 1, time
      fresh[name] = seqs[s]
      rows[#rows + 1] = { s, seqs[s], id, ARGV[at + 3], time, ARGV[at + 5] }
      answer[e * 2 - 1], answer[e * 2] = seqs[s], 0
    end
  end
  for _, row in ipairs(rows) do
    local s, seq = row[1], string.format('%.0f', row[2])
    redis.call('XADD', KEYS[s * 3 - 2], seq .. '-0', 'id', row[3], 'type', row[4], 'at', row[5], 'json', row[6])
    redis.call('HSET', KEYS[s * 3], row[3], seq)
    redis.call('HSET', KEYS[s * 3 - 1], 'seq', seq, 'at', row[5])
  end
  return answer`,
);

/** KEYS events, ids; ARGV before. Forgets a few of the oldest; answers with how many, or with -1: not kept. */
export const TRIM = script(
  'write',
  `local before = ARGV[1]
  if #redis.call('XRANGE', KEYS[1], before .. '-0', before .. '-0') == 0 then return -1 end
  local count = 0
  for _, row in ipairs(redis.call('XRANGE', KEYS[1], '-', before .. '-0', 'COUNT', 33)) do
    if row[1] ~= before .. '-0' and count < 32 then
      redis.call('XDEL', KEYS[1], row[1])
      redis.call('HDEL', KEYS[2], row[2][2])
      count = count + 1
    end
  end
  return count`,
);

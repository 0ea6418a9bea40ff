/**
 * Finds the members of a sorted set with the highest scores; of equal scores those that come first in the order of
 * bytes, where ZRANGE REV would take the last. Changes nothing.
 *
 * KEYS  1 sorted set
 * ARGV  1 how many
 * Returns the members, in no order that matters
 */
export const topUsersLua = /* lua */ `
local count = tonumber(ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], count - 1, count - 1, 'REV', 'WITHSCORES')[2]
if not last then return redis.call('ZRANGE', KEYS[1], 0, -1) end

local top = redis.call('ZRANGE', KEYS[1], '+inf', '(' .. last, 'BYSCORE', 'REV')
local equal = redis.call('ZRANGE', KEYS[1], last, last, 'BYSCORE', 'LIMIT', 0, count - #top)
for _, member in ipairs(equal) do top[#top + 1] = member end
return top
`;

-- Reports as one line of JSON. With an argument `distinct` every request asks for a path of its own, with `mixed` every second one.
local count = 0

function init(arguments)
  distinct = arguments[1] == 'distinct'
  mixed = arguments[1] == 'mixed'
end

function request()
  count = count + 1
  if not distinct and not (mixed and count % 2 == 0) then return wrk.format('GET') end
  return wrk.format('GET', wrk.path .. count)
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\n{"seconds":%f,"requests":%d,"bytes":%d,"broken":%d,"refused":%d,"p50":%f,"p90":%f,"p99":%f,"max":%f}\n',
    summary.duration / 1e6, summary.requests, summary.bytes, e.connect + e.read + e.write + e.timeout, e.status,
    latency:percentile(50) / 1000, latency:percentile(90) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end

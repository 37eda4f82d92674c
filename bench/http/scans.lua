-- wrk's side of bench/http: every request is another scan, from a file with a body per line. A thread takes every
-- nth line, so that no scan is sent twice.
--
--   wrk -t2 -c64 -d5s -s scans.lua http://127.0.0.1:7180 -- BODIES FIRST_LINE THREADS PAUSE_MS

local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init(args)
    local first, all, pause = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
    bodies, taken, pause_ms = {}, 0, pause
    -- wrk asks its first thread for a request that it never sends.
    for_show = number == 0
    local line_number = 0
    for line in io.lines(args[1]) do
        if line_number >= first and (line_number - first) % all == number then
            bodies[#bodies + 1] = line
        end
        line_number = line_number + 1
    end
    math.randomseed(number + 1)
    wrk.method = "POST"
    wrk.path = "/scan"
    wrk.headers["content-type"] = "application/json"
end

-- Half the load: every connection rests before its next scan, on average so long.
function delay()
    return math.floor(math.random() * 2 * pause_ms)
end

function request()
    if for_show then
        for_show = false
        return wrk.format("GET", "/healthz")
    end
    taken = taken + 1
    if taken > #bodies then
        -- Told as an error: there should have been more.
        return wrk.format("POST", "/there-are-no-more-scans")
    end
    return wrk.format(nil, nil, nil, bodies[taken])
end

function done(summary, latency, requests)
    local errors = summary.errors
    local lost = errors.connect + errors.read + errors.write + errors.timeout
    io.write(string.format(
        '{"requests":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"refused":%d,"lost":%d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.status, lost))
end

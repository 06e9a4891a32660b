-- wrk: COUNT extracts, each from an address of its own at PORT, for nobody
-- who waits; then this process ends. Says how many were taken.

-- the first is made to be looked at, not to be sent
local n, ended, taken = -1, 0, 0
local count = tonumber(os.getenv("COUNT"))

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Prefer"] = "respond-async"

function request()
    n = n + 1

    if n > count then
        return wrk.format("GET", "/readyz")
    end

    return wrk.format(nil, nil, nil, string.format(
        '{"url":"http://127.%d.%d.%d:%s/","rules":{"title":"//h1"}}',
        1 + math.floor(n / 65536), math.floor(n / 256) % 256, n % 256,
        os.getenv("PORT")))
end

function response(status)
    if status == 200 then
        return
    end

    ended = ended + 1

    if status == 202 then
        taken = taken + 1
    end

    if ended == count then
        io.write("TAKEN " .. taken .. "\n")
        io.flush()
        os.exit(0)
    end
end

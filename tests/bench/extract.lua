-- wrk: an extract of another page each time. ORIGIN is where pages are,
-- PAGES how many, PREFER a Prefer header or "".

local n = 0
local pages = tonumber(os.getenv("PAGES"))
local rules = [[{"title":"//h1[@itemprop='name']",
"price":"string(//span[@itemprop='price'])",
"breadcrumbs":["//nav[@class='breadcrumb']//li/a"],
"images":["//div[@id='gallery']//img/@src"],
"rating":"string(//div[contains(@class,'rating')]/@data-rating)",
"specs":{"each":"//table[@id='specs']//tr",
"fields":{"name":"./th","value":"./td"}}}]]

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

if os.getenv("PREFER") ~= "" then
    wrk.headers["Prefer"] = os.getenv("PREFER")
end

function request()
    n = (n + 1) % pages
    return wrk.format(nil, nil, nil, '{"url":"' .. os.getenv("ORIGIN") ..
        n .. '.html","rules":' .. rules .. '}')
end

function done(s, l, r)
    io.write(string.format("BENCH %d %d %d %.3f %.3f\n", s.requests,
        s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout
        + s.errors.status, s.duration, l:percentile(50) / 1000,
        l:percentile(99) / 1000))
end

-- wrk: one URL again and again; what done() prints is read by the scripts.

function done(s, l, _)
    io.write(string.format("BENCH %d %d %d %.3f %.3f\n", s.requests,
        s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout
        + s.errors.status, s.duration, l:percentile(50) / 1000,
        l:percentile(99) / 1000))
end

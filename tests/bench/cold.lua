-- Every request another question, so that none is stored: the database answers each.
local kind = os.getenv("BENCH_KIND")
local codes = { "USD", "EUR", "JPY", "GBP", "CHF", "AUD", "CAD", "HKD", "SGD", "THB", "CNY", "PHP", "MYR", "IDR" }
local number = 0

-- Codes are read case-insensitively, but "uSd" is another address than "USD".
local function any_case(code)
  return (code:gsub(".", function(letter)
    return math.random(2) == 1 and letter:lower() or letter:upper()
  end))
end

local function pick()
  return any_case(codes[math.random(#codes)])
end

request = function()
  number = number + 1
  if kind == "convert" then
    return wrk.format("GET", "/api/v1/currencies/convert?from=USD&to=JPY&amount=" .. number)
  elseif kind == "history" then
    local period, interval = any_case("1m"), any_case("daily")
    return wrk.format("GET", "/api/v1/history?target=" .. pick() .. "&base=" .. any_case("KRW") .. "&period=" .. period .. "&interval=" .. interval)
  elseif kind == "stats" then
    return wrk.format("GET", "/api/v1/history/stats?target=" .. pick() .. "&base=" .. any_case("KRW") .. "&period=" .. any_case("1y"))
  elseif kind == "quote" then
    return wrk.format("GET", "/api/v1/currencies/quote?from=KRW&to=JPY&amount=" .. number)
  end
  return wrk.format("GET", "/api/v1/currencies/latest?symbols=" .. table.concat({ pick(), pick(), pick(), pick(), pick() }, ","))
end

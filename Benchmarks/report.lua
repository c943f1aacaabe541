-- wrk: each request is a report of its own, 2 KB of JSON, with a 200 KB picture when PICTURE names one.
local counter = 0
local picture = ""
local total = 0

function setup(thread)
    thread:set("id", total)
    total = total + 1
end

function init()
    local path = os.getenv("PICTURE")
    if path then
        local file = assert(io.open(path, "rb"))
        picture = file:read("*a")
        file:close()
    end
    run_name = os.getenv("RUN_NAME") or "bench"
    cameras = tonumber(os.getenv("CAMERAS") or "1")
end

local function report(name)
    local defect = '{"class":"scratch","confidence":0.93,"severity":0.81,"box":{"x":10,"y":20,"width":60,"height":44}}'
    return '{"id":"' .. name .. '","detectedAt":"2026-11-24T02:00:00Z","camera":"CAM-' .. string.format("%02d", counter % cameras + 1) .. '","asset":"A-' .. name ..
        '","lot":"L-1","defects":[' .. defect .. '],"attributes":{"note":"' .. string.rep("n", 1750) .. '"}}'
end

function request()
    counter = counter + 1
    local json = report(run_name .. "-" .. id .. "-" .. counter)
    if picture == "" then
        return wrk.format("POST", "/api/v1/inspections", { ["Content-Type"] = "application/json" }, json)
    end
    local body = "--b\r\nContent-Disposition: form-data; name=\"inspection\"\r\nContent-Type: application/json\r\n\r\n" ..
        json .. "\r\n--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"p.jpg\"\r\n" ..
        "Content-Type: image/jpeg\r\n\r\n" .. picture ..
        -- Padding after the picture's end makes each one's bytes, and so its digest, its own.
        string.format("%016d", counter * 100 + id) .. "\r\n--b--\r\n"
    return wrk.format("POST", "/api/v1/inspections", { ["Content-Type"] = "multipart/form-data; boundary=b" }, body)
end

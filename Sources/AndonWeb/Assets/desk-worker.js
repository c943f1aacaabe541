// Keeps the desk's pages and their pictures, as they were opened last, for a time without a network.
//
// Pages are kept by whose they are (the header Andon-Person), and those of one person alone: as soon as another one's page
// comes, what was kept before is gone. Signing out removes all (frame.js). Nothing else is kept.

const stateCache = "desk-state", prefix = "desk-pages-"
const personKey = "/desk/~person"
const ageMax = 12 * 3_600_000
const pagesMax = 80, picturesMax = 200
const patience = 8000
const keptAtHeader = "Andon-Kept-At"

self.addEventListener("install", () => self.skipWaiting())
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()))

const isPage = url => /^\/desk(\/missed|\/[A-Z0-9]{10})?$/.test(url.pathname)
const isPicture = url =>
    /^\/pictures\/[0-9a-f]{64}(\/thumbnail)?$/.test(url.pathname)
    || /^\/orders\/[A-Z0-9]{10}\/(annotated|crop|chart|map)$/.test(url.pathname)
const isAsset = url => url.pathname.startsWith("/assets/") && url.search.startsWith("?v=")

async function person() {
    const found = await (await caches.open(stateCache)).match(personKey)
    return found ? found.text() : null
}

/** From here on pages are of this person; those of anybody else are gone. */
async function become(name) {
    if (await person() === name) return
    for (const key of await caches.keys()) if (key.startsWith(prefix)) await caches.delete(key)
    await (await caches.open(stateCache)).put(personKey, new Response(name))
}

const pages = async () => {
    const name = await person()
    return name === null ? null : caches.open(prefix + name)
}

/** The oldest go, those of one kind alone. */
async function trim(cache, isKind, most) {
    const keys = (await cache.keys()).filter(request => isKind(new URL(request.url)))
    for (const request of keys.slice(0, Math.max(0, keys.length - most))) await cache.delete(request)
}

async function keep(request, response, isKind, most) {
    const cache = await pages()
    if (!cache) return
    const headers = new Headers(response.headers)
    headers.set(keptAtHeader, String(Date.now()))
    // Anew at the end: the order is that of the last opening.
    await cache.delete(request)
    await cache.put(request, new Response(await response.blob(), { status: 200, headers }))
    await trim(cache, isKind, most)
}

const keptAt = new Map()

/** A connection that hangs is none; where nothing is kept there is nothing better than to wait. */
function soon(response) {
    return Promise.race([response, new Promise((_, reject) => setTimeout(() => reject(new Error("late")), patience))])
}

async function page(request, url) {
    const network = fetch(request)
    try {
        const response = await soon(network)
        const name = response.headers.get("Andon-Person")
        if (response.ok && !response.redirected && name !== null) {
            await become(name)
            await keep(request.url, response.clone(), isPage, pagesMax)
        }
        keptAt.delete(url.pathname + url.search)
        return response
    } catch {
        const found = await (await pages())?.match(request.url)
        const at = Number(found?.headers.get(keptAtHeader))
        if (!found || Date.now() - at > ageMax) return network
        keptAt.set(url.pathname + url.search, at)
        return found
    }
}

async function picture(request) {
    try {
        const response = await fetch(request)
        if (response.ok && response.status === 200) await keep(request.url, response.clone(), isPicture, picturesMax)
        return response
    } catch (error) {
        const found = await (await pages())?.match(request.url)
        if (!found) throw error
        return found
    }
}

/** Style sheets and scripts are nobody's: their address is their content. */
async function asset(request) {
    const cache = await caches.open("desk-assets")
    const found = await cache.match(request.url)
    if (found) return found
    const response = await fetch(request)
    if (response.ok) {
        await cache.put(request.url, response.clone())
        await trim(cache, () => true, 30)
    }
    return response
}

self.addEventListener("fetch", event => {
    const { request } = event
    const url = new URL(request.url)
    if (request.method !== "GET" || url.origin !== self.location.origin) return
    if (request.mode === "navigate" && isPage(url)) event.respondWith(page(request, url))
    else if (request.destination === "image" && isPicture(url)) event.respondWith(picture(request))
    else if (isAsset(url)) event.respondWith(asset(request))
})

/** The page by which this worker came in went past it: it is asked for once more. */
async function catchUp(path) {
    const url = new URL(path, self.location.origin)
    if (!isPage(url) || await (await pages())?.match(url.href)) return
    const response = await fetch(url.href, { headers: { Accept: "text/html" } })
    const name = response.headers.get("Andon-Person")
    if (!response.ok || response.redirected || name === null) return
    await become(name)
    await keep(url.href, response, isPage, pagesMax)
}

// A page asks whether it is as of earlier.
self.addEventListener("message", event => {
    const at = keptAt.get(event.data?.ask)
    if (!at && event.data?.ask) event.waitUntil(catchUp(event.data.ask).catch(() => {}))
    if (at) event.source?.postMessage({ keptAt: at, path: event.data.ask })
})

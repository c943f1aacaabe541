// The page Now and the wall: what comes in goes to the front of the list. The server renders it; here it is only put in its
// place. Everything is there without this script too, by loading the page again.

const list = document.querySelector("#now-cards[data-stream]")
const status = document.querySelector("#now-status")
const button = document.querySelector("#now-pause")

// Milliseconds.
const retryAfter = 10_000
const sayLostAfter = 6000
const lostForLong = 60_000
const longestTrust = 60_000

const isWall = list?.dataset.wall !== undefined
let isPaused = false
let lostAt = null
let isLostSaid = false
let lastID = null
let heardAt = Date.now()
let source = null
// Cards that came while the page was paused, the newest first.
let waiting = []

function say(words) {
    if (status && status.textContent !== words) status.textContent = words
}

function element(html) {
    const holder = document.createElement("template")
    holder.innerHTML = html.trim()
    return holder.content.firstElementChild
}

// What is said besides the connection: how much waits.
function sayPaused() {
    const { paused, waitingOne, waitingOther } = list.dataset
    if (waiting.length === 0) return say(paused)
    say(waiting.length === 1 ? waitingOne : waitingOther.replace("{count}", waiting.length))
}

function trim() {
    const keep = Number(list.dataset.keep)
    while (list.children.length > keep) list.lastElementChild.remove()
    if (!isWall) return
    const edge = Date.now() - Number(list.dataset.minutes) * 60_000
    for (const card of [...list.children]) {
        if (Number(card.dataset.received) < edge) card.remove()
    }
}

function add(card) {
    document.querySelector("#now-empty")?.remove()
    card.classList.add("new")
    list.prepend(card)
}

function takeDetection(html) {
    const card = element(html)
    if (!card || document.getElementById(card.id) || waiting.some(other => other.id === card.id)) return
    if (!isPaused) {
        add(card)
        return trim()
    }
    waiting.unshift(card)
    waiting.length = Math.min(waiting.length, Number(list.dataset.keep))
    sayPaused()
}

function takeOrder(html) {
    const line = element(html)
    const name = line?.dataset.order
    if (!name) return
    for (const place of [list, ...waiting]) {
        for (const old of place.querySelectorAll(`[data-order="${CSS.escape(name)}"]`)) {
            old.replaceWith(line.cloneNode(true))
        }
    }
}

// Only what says something else is put in: a live region would be read out again.
function put(id, html) {
    const place = document.getElementById(id)
    const holder = document.createElement("template")
    holder.innerHTML = html
    const plain = node => node.textContent.replace(/\s+/g, " ").trim()
    if (place && plain(place) !== plain(holder.content)) place.replaceChildren(holder.content)
}

// Not all pages in the same moment: where they are told at once they come at once.
function reload() {
    source?.close()
    heardAt = Infinity
    if (isPaused) return showReload()
    setTimeout(() => location.reload(), 1000 + Math.random() * 4000)
}

// Who has paused reads something: the page is not taken away.
function showReload() {
    say(list.dataset.behind)
    document.querySelector("#now-reload")?.removeAttribute("hidden")
}

function setPaused(now) {
    isPaused = now
    button.setAttribute("aria-pressed", String(now))
    if (now) return sayPaused()
    for (const card of waiting.reverse()) add(card)
    waiting = []
    trim()
    say("")
}

// MARK: The session

// It has ended: who is there signs in again, and comes back to this page.
function end() {
    source?.close()
    heardAt = Infinity
    lostAt = null
    say("")
    const place = document.querySelector("#now-ended")
    if (!place) return
    place.querySelector("a").href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`
    place.hidden = false
}

// To a browser a stream that is refused is no other than one that is lost.
async function isSignedOut() {
    const headers = { Accept: "text/html", "Andon-Watching": "yes" }
    const answer = await fetch(location.href, { redirect: "manual", headers }).catch(() => null)
    answer?.body?.cancel()
    return answer?.type === "opaqueredirect" || answer?.status === 401
}

// MARK: The connection

function isHeard(event) {
    heardAt = Date.now()
    if (event?.lastEventId) lastID = event.lastEventId
    if (lostAt === null) return
    lostAt = null
    if (!isLostSaid) return
    isLostSaid = false
    isPaused ? sayPaused() : say(list.dataset.again)
}

// A stream ends now and then, and begins again at once: that is not worth a word.
function isLost() {
    if (lostAt !== null) return
    lostAt = Date.now()
    setTimeout(() => {
        if (lostAt === null) return
        isLostSaid = true
        say(list.dataset.lost)
    }, sayLostAfter)
}

function open() {
    const address = new URL(list.dataset.stream, location.href)
    if (lastID) address.searchParams.set("after", lastID)
    source?.close()
    source = new EventSource(address)
    source.onopen = () => isHeard()
    source.onerror = async () => {
        isLost()
        // A refusal ends the browser's own attempts.
        if (source.readyState !== EventSource.CLOSED) return
        if (await isSignedOut()) return end()
        setTimeout(open, retryAfter)
    }
    const handlers = {
        detection: event => takeDetection(event.data),
        order: event => takeOrder(event.data),
        figures: event => put("now-figures", event.data),
        alarms: event => put("now-alarms", event.data),
        beat: () => trim(),
        reload,
        ended: end,
        version: event => {
            if (event.data !== list.dataset.version) reload()
        },
    }
    for (const [name, take] of Object.entries(handlers)) {
        source.addEventListener(name, event => {
            isHeard(event)
            take(event)
        })
    }
}

// A connection can be dead without saying so; and a wall that was without its server for long begins anew, once it answers.
async function watch() {
    if (Date.now() - heardAt > longestTrust) {
        isLost()
        heardAt = Date.now()
        open()
    }
    if (!isWall || lostAt === null || Date.now() - lostAt < lostForLong) return
    const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null)
    if (answer?.ok) location.reload()
}

function tick() {
    const clock = document.querySelector("#now-clock")
    if (!clock) return
    // As the server writes it: English alone would count to twelve, with AM or PM.
    const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: clock.dataset.zone }
    clock.textContent = new Intl.DateTimeFormat(document.documentElement.lang, options).format(new Date())
}

if (list) {
    open()
    setInterval(watch, 15_000)
    setInterval(tick, 1000)
    window.addEventListener("pagehide", () => source?.close())
    window.addEventListener("pageshow", event => {
        if (event.persisted) open()
    })
}

if (list && button) {
    button.hidden = false
    button.addEventListener("click", () => setPaused(!isPaused))
    document.addEventListener("keydown", event => {
        const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]")
        if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "p") return
        event.preventDefault()
        setPaused(!isPaused)
    })
}

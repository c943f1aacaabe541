// The plant map of an open page looks again by itself. What is in use stays: the focus, and where one has scrolled to.

const live = document.getElementById("map-live")
const summary = document.getElementById("map-summary")
const stale = document.getElementById("map-stale")
const every = Number(live.dataset.seconds) * 1000
let timer = 0

function show(text) {
    const body = new DOMParser().parseFromString(text, "text/html").querySelector(".map-body")
    if (!body) return false
    const key = live.contains(document.activeElement) ? document.activeElement.dataset.key : undefined
    live.replaceChildren(document.adoptNode(body))
    if (key) {
        const again = [...live.querySelectorAll("[data-key]")].find(element => element.dataset.key === key)
        again?.focus({ preventScroll: true })
    }
    // A line that is read aloud changes only when there is something new to say.
    if (summary.textContent !== body.dataset.summary) summary.textContent = body.dataset.summary
    return true
}

async function look() {
    let isNew = false
    try {
        const answer = await fetch(live.dataset.address, { headers: { accept: "text/html" }, redirect: "manual" })
        if (answer.ok) isNew = show(await answer.text())
        // Signed out meanwhile: the server leads to the page where one signs in.
        else if (answer.type === "opaqueredirect" || answer.status === 401) location.reload()
    } catch {
        // No answer: what is shown stays, and says that it is old.
    }
    stale.hidden = isNew
}

function next() {
    clearTimeout(timer)
    timer = setTimeout(async () => {
        if (!document.hidden) await look()
        next()
    }, every)
}

document.addEventListener("visibilitychange", async () => {
    if (document.hidden) return
    await look()
    next()
})
next()

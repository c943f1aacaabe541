// The wall of charts: reads itself again every half minute, and says when it cannot. Nobody need be there for that, so it
// keeps no session from ending.

const wall = document.getElementById("charts-wall")
const lost = document.getElementById("charts-lost")

async function refresh() {
    try {
        const headers = { Accept: "text/html", "Andon-Watching": "yes" }
        const answer = await fetch(location.href, { headers, redirect: "manual" })
        // Signed out meanwhile: the server leads to the page where one signs in.
        if (answer.type === "opaqueredirect" || answer.status === 401) return location.reload()
        if (!answer.ok) throw new Error(`${answer.status}`)
        const page = new DOMParser().parseFromString(await answer.text(), "text/html")
        const fresh = page.getElementById("charts-wall")
        if (!fresh) throw new Error("no wall")
        wall.replaceChildren(...fresh.childNodes)
        const [clock, other] = [document, page].map(one => one.querySelector(".clock"))
        if (clock && other) clock.textContent = other.textContent
        lost.hidden = true
    } catch {
        lost.hidden = false
    }
}

if (wall) setInterval(refresh, 1000 * Number(wall.dataset.every))

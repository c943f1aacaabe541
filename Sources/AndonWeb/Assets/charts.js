// The wall of charts: reads itself again every half minute, and says when it cannot.

const wall = document.getElementById("charts-wall")
const lost = document.getElementById("charts-lost")

async function refresh() {
    try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" })
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

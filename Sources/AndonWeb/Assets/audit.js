// Shows how far a verification is, until it has ended; then the page with what it found is loaded.

const bar = document.querySelector("[data-verification]")

async function look() {
    const answer = await fetch(bar.dataset.verification, { headers: { accept: "application/json" } })
    // A session that ended, or a server that starts anew: the page itself says what there is.
    if (!answer.ok) return location.reload()
    const found = await answer.json()
    if (found.state !== "running") return location.reload()
    if (found.of > 0) {
        bar.max = found.of
        bar.value = found.done
    }
    const form = new Intl.NumberFormat(document.documentElement.lang)
    const words = document.querySelector(found.facts ? "[data-words-facts]" : "[data-words-entries]")
    const text = (found.facts ? words?.dataset.wordsFacts : words?.dataset.wordsEntries) ?? ""
    document.querySelector("[data-progress]").textContent =
        text.replace("{done}", form.format(found.done)).replace("{of}", form.format(found.of))
    setTimeout(() => look().catch(again), 1000)
}

function again() {
    setTimeout(() => look().catch(again), 5000)
}

if (bar) look().catch(again)

// The list reads itself again when somebody asks for it, and keeps its place on the screen.

const button = document.querySelector("[data-refresh]")
const said = document.querySelector("[data-said]")

async function refresh() {
    button.setAttribute("aria-busy", "true")
    try {
        const answer = await fetch(button.href, { headers: { Accept: "text/html" }, redirect: "error" })
        if (!answer.ok) throw new Error(String(answer.status))
        const page = new DOMParser().parseFromString(await answer.text(), "text/html")
        const list = page.querySelector("#list")
        if (!list) throw new Error("no list")
        document.querySelector("#list").replaceWith(document.adoptNode(list))
        say(button.dataset.done)
    } catch {
        say(button.dataset.failed)
    }
    button.removeAttribute("aria-busy")
}

// The same words again are read aloud only when they were gone in between.
function say(words) {
    said.textContent = ""
    said.classList.toggle("hidden", words === button.dataset.done)
    requestAnimationFrame(() => { said.textContent = words })
}

button?.addEventListener("click", event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    if (button.getAttribute("aria-busy") !== "true") refresh()
})

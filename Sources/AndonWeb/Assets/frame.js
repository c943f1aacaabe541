// What every page does: times of the past grow older, and a menu closes with Escape.

const ask = "[data-confirm]"

document.addEventListener("submit", event => {
    const words = event.submitter?.closest(ask)?.dataset.confirm ?? event.target.closest(ask)?.dataset.confirm
    if (words && !window.confirm(words)) event.preventDefault()
})

document.addEventListener("keydown", event => {
    if (event.key !== "Escape") return
    const open = document.activeElement?.closest("details[open]")
    if (!open) return
    open.open = false
    open.querySelector("summary")?.focus()
})

// What the desk keeps of pages on this device (desk-worker.js) is one person's: it goes when that one leaves, or another
// one comes.

const person = document.body.dataset.person ?? ""

async function forgetPages(isKept = () => false) {
    if (!("caches" in window)) return
    for (const name of await caches.keys()) {
        if ((name.startsWith("desk-pages-") || name === "desk-state") && !isKept(name)) await caches.delete(name)
    }
}

try {
    const before = localStorage.getItem("desk-person")
    if (before !== null && before !== person) {
        localStorage.removeItem("desk-person")
        forgetPages(name => person !== "" && (name === "desk-state" || name === `desk-pages-${person}`))
    }
} catch { /* No storage, and nothing kept in it. */ }

document.addEventListener("submit", async event => {
    const form = event.target
    if (event.defaultPrevented || form.getAttribute("action") !== "/sign-out") return
    event.preventDefault()
    try {
        localStorage.removeItem("desk-person")
        await forgetPages()
    } finally {
        form.submit()
    }
})

// What is wider than the screen can be moved by the keyboard as well.
const wide = new ResizeObserver(entries => {
    for (const { target } of entries) {
        if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
        else target.removeAttribute("tabindex")
    }
})
for (const region of document.querySelectorAll(".scroll")) wide.observe(region)

// On a phone the navigation is wider than the screen: what is open is in sight.
const here = document.querySelector(".top nav [aria-current]")
if (here) here.closest("nav").scrollLeft = here.offsetLeft - 40

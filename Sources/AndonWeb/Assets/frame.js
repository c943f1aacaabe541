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

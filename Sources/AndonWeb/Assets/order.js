// The picture of an order: larger and smaller by buttons, keys, wheel and two fingers; its marks on and off. All of it is the
// viewBox of the drawing: nothing is loaded again.

const times = 1.25
const largest = 40

class Viewer {
    constructor(figure) {
        this.stage = figure.querySelector("[data-stage]")
        this.canvas = figure.querySelector("[data-canvas]")
        this.boxes = figure.querySelector("[data-boxes]")
        this.output = figure.querySelector("[data-zoom]")
        const { width, height } = this.canvas.viewBox.baseVal
        this.whole = { x: 0, y: 0, width, height }
        this.seen = { ...this.whole }
        this.fingers = new Map()
        const tools = figure.querySelector("[data-tools]")
        tools.hidden = false
        tools.addEventListener("click", event => this.press(event.target.closest("[data-do]")))
        this.stage.addEventListener("keydown", event => this.key(event))
        this.stage.addEventListener("wheel", event => this.wheel(event), { passive: false })
        for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
            this.stage.addEventListener(name, event => this.pointer(event))
        }
    }

    get zoom() { return this.whole.width / this.seen.width }

    press(button) {
        switch (button?.dataset.do) {
        case "in": this.scale(times); break
        case "out": this.scale(1 / times); break
        case "whole": this.show(this.whole); break
        case "boxes": this.toggle(button); break
        }
    }

    toggle(button) {
        const isShown = button.getAttribute("aria-pressed") !== "true"
        button.setAttribute("aria-pressed", String(isShown))
        if (isShown) this.boxes.removeAttribute("display")
        else this.boxes.setAttribute("display", "none")
    }

    // Around a place of the picture, which stays where it is; without one around the middle.
    scale(factor, place) {
        const zoom = Math.min(Math.max(this.zoom * factor, 1), largest)
        const at = place ?? { x: this.seen.x + this.seen.width / 2, y: this.seen.y + this.seen.height / 2 }
        const change = this.zoom / zoom
        this.show({
            x: at.x - (at.x - this.seen.x) * change, y: at.y - (at.y - this.seen.y) * change,
            width: this.whole.width / zoom, height: this.whole.height / zoom,
        })
    }

    move(right, down) {
        this.show({ ...this.seen, x: this.seen.x + right, y: this.seen.y + down })
    }

    // Never beside the picture.
    show(seen) {
        this.seen = {
            ...seen,
            x: Math.min(Math.max(seen.x, 0), this.whole.width - seen.width),
            y: Math.min(Math.max(seen.y, 0), this.whole.height - seen.height),
        }
        const { x, y, width, height } = this.seen
        this.canvas.setAttribute("viewBox", `${x} ${y} ${width} ${height}`)
        this.stage.classList.toggle("zoomed", this.zoom > 1)
        this.output.textContent = `${Math.round(this.zoom * 100)} %`
    }

    // Where on the picture a pointer is.
    place(event) {
        const matrix = this.canvas.getScreenCTM()
        return matrix ? new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()) : undefined
    }

    key(event) {
        if (event.ctrlKey || event.metaKey || event.altKey) return
        const step = this.seen.width / 10
        switch (event.key) {
        case "+": case "=": this.scale(times); break
        case "-": case "_": this.scale(1 / times); break
        case "0": this.show(this.whole); break
        case "ArrowLeft": this.move(-step, 0); break
        case "ArrowRight": this.move(step, 0); break
        case "ArrowUp": this.move(0, -step); break
        case "ArrowDown": this.move(0, step); break
        default: return
        }
        event.preventDefault()
    }

    // The page scrolls with the wheel as long as nobody works with the picture.
    wheel(event) {
        if (!event.ctrlKey && !this.stage.contains(document.activeElement)) return
        event.preventDefault()
        this.scale(event.deltaY < 0 ? times : 1 / times, this.place(event))
    }

    pointer(event) {
        if (event.type === "pointerdown") {
            this.fingers.set(event.pointerId, event)
            this.stage.setPointerCapture(event.pointerId)
            return
        }
        const before = this.fingers.get(event.pointerId)
        if (!before) return
        if (event.type !== "pointermove") {
            this.fingers.delete(event.pointerId)
            return
        }
        const others = [...this.fingers.values()].filter(finger => finger.pointerId !== event.pointerId)
        this.fingers.set(event.pointerId, event)
        if (others.length === 1) this.pinch(before, event, others[0])
        else if (others.length === 0 && this.zoom > 1) this.drag(before, event)
    }

    drag(before, after) {
        const [from, to] = [this.place(before), this.place(after)]
        if (from && to) this.move(from.x - to.x, from.y - to.y)
    }

    pinch(before, after, other) {
        const distance = event => Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY)
        const middle = { clientX: (after.clientX + other.clientX) / 2, clientY: (after.clientY + other.clientY) / 2 }
        if (distance(before) > 0) this.scale(distance(after) / distance(before), this.place(middle))
    }
}

for (const figure of document.querySelectorAll("[data-viewer]")) new Viewer(figure)

// The editor's picture: zones, corners, the outline that is being drawn, the crosshair; and which part of it is seen.

const name = "http://www.w3.org/2000/svg"

function element(kind, attributes, text) {
    const made = document.createElementNS(name, kind)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
    if (text !== undefined) made.textContent = text
    return made
}

const points = corners => corners.map(corner => corner.join(",")).join(" ")

export class View {
    /** How far one can look into a plan. */
    static closest = 32

    constructor(canvas, shapes, frame, middle) {
        Object.assign(this, { canvas, shapes, frame, middle })
        this.seen = { ...frame }
    }

    /** Units of the plan that a pixel of the screen covers. */
    get unit() {
        const scale = this.canvas.getScreenCTM()?.a
        return scale ? 1 / scale : this.seen.width / 800
    }

    /** Where on the plan a pointer is. */
    place(event) {
        const matrix = this.canvas.getScreenCTM()
        if (!matrix) return [this.frame.left, this.frame.top]
        const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse())
        return [spot.x, spot.y]
    }

    // Which part is seen

    get closeness() { return this.frame.width / this.seen.width }

    zoom(factor, [x, y]) {
        const closeness = Math.min(Math.max(this.closeness * factor, 1), View.closest)
        const [width, height] = [this.frame.width / closeness, this.frame.height / closeness]
        const share = [(x - this.seen.left) / this.seen.width, (y - this.seen.top) / this.seen.height]
        this.show({ left: x - share[0] * width, top: y - share[1] * height, width, height })
    }

    showAll() { this.show({ ...this.frame }) }

    move(across, down) { this.show({ ...this.seen, left: this.seen.left + across, top: this.seen.top + down }) }

    /** Moves so that a place is seen. */
    reveal([x, y]) {
        const { left, top, width, height } = this.seen
        const across = x < left ? x - left - width / 4 : x > left + width ? x - left - width * 0.75 : 0
        const down = y < top ? y - top - height / 4 : y > top + height ? y - top - height * 0.75 : 0
        if (across || down) this.move(across, down)
    }

    show({ left, top, width, height }) {
        const right = this.frame.left + this.frame.width - width
        const bottom = this.frame.top + this.frame.height - height
        this.seen = {
            left: Math.min(Math.max(left, this.frame.left), right),
            top: Math.min(Math.max(top, this.frame.top), bottom), width, height,
        }
        this.canvas.setAttribute("viewBox", Object.values(this.seen).join(" "))
    }

    // What is drawn

    /** @param state zones, selected, corner, draft, cursor, hasFocus, fault (of the selected zone) */
    draw(state) {
        const unit = this.unit
        const drawn = state.zones.flatMap((zone, place) => this.zone(zone, place, place === state.selected, unit))
        const chosen = state.zones[state.selected]
        if (chosen && !state.draft) drawn.push(...this.corners(chosen, state, unit))
        if (state.draft) drawn.push(...this.draft(state.draft, state.cursor, unit))
        if (state.hasFocus && (state.draft || state.corner < 0)) drawn.push(this.crosshair(state.cursor, unit))
        this.shapes.replaceChildren(...drawn)
    }

    zone(zone, place, isChosen, unit) {
        const x = zone.corners.reduce((sum, corner) => sum + corner[0], 0) / zone.corners.length
        const y = zone.corners.reduce((sum, corner) => sum + corner[1], 0) / zone.corners.length
        return [
            element("polygon", {
                points: points(zone.corners), class: isChosen ? "edit-zone chosen" : "edit-zone", "data-zone": place,
                "stroke-width": unit * (isChosen ? 3 : 2),
            }),
            element("text", {
                x, y, class: "zone-name", "font-size": unit * 15, "text-anchor": "middle",
            }, zone.name || zone.id),
        ]
    }

    corners(zone, state, unit) {
        const { corners } = zone
        const drawn = (state.fault?.edges ?? []).map(edge => {
            const [from, to] = [corners[edge - 1], corners[edge % corners.length]]
            return element("line", {
                x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: "edit-fault", "stroke-width": unit * 6,
            })
        })
        corners.forEach((corner, place) => {
            const [x, y] = this.middle(corner, corners[(place + 1) % corners.length])
            drawn.push(element("circle", { cx: x, cy: y, r: unit * 5, class: "edit-middle", "data-middle": place,
                "stroke-width": unit * 14 }))
        })
        corners.forEach(([x, y], place) => {
            const size = unit * (place === state.corner ? 9 : 7)
            drawn.push(element("rect", {
                x: x - size, y: y - size, width: 2 * size, height: 2 * size,
                class: place === state.corner ? "edit-corner chosen" : "edit-corner", "data-corner": place,
                "stroke-width": unit * 2,
            }))
        })
        return drawn
    }

    draft(draft, cursor, unit) {
        const line = element("polyline", {
            points: points([...draft, cursor]), class: "edit-draft", "stroke-width": unit * 2.5,
        })
        const dots = draft.map(([x, y], place) =>
            element("circle", {
                cx: x, cy: y, r: unit * (place === 0 ? 9 : 5), class: place === 0 ? "edit-first" : "edit-dot",
                "stroke-width": unit * 2,
            }))
        return [line, ...dots]
    }

    crosshair([x, y], unit) {
        const [far, near] = [unit * 16, unit * 4]
        const arms = `M${x - far} ${y}H${x - near}M${x + near} ${y}H${x + far}` +
            `M${x} ${y - far}V${y - near}M${x} ${y + near}V${y + far}`
        const group = element("g", { class: "crosshair" })
        group.append(element("path", { d: arms, class: "halo", "stroke-width": unit * 5 }))
        group.append(element("path", { d: arms, class: "arms", "stroke-width": unit * 2 }))
        return group
    }
}

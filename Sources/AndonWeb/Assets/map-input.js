// What keys, pointers and fingers do on the editor's picture. What a step means is the editor's: `act`.

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

export function listen({ canvas, view, shape, frame, limits, state, act }) {
    const chosen = () => state.zones[state.selected]

    // Keys

    function step([across, down], event) {
        const size = view.seen.width / (event.shiftKey ? 500 : 50)
        const move = ([x, y]) => [x + across * size, y + down * size]
        if (state.corner >= 0 && !state.draft) {
            if (!event.repeat) act.remember()
            act.moveCorner(move(chosen().corners[state.corner]))
            state.cursor = chosen().corners[state.corner]
        } else {
            state.cursor = shape.within(move(state.cursor), frame)
            const percent = (value, from, length) => Math.round((value - from) / length * 1000) / 10
            act.say("crosshair", {
                x: percent(state.cursor[0], frame.left, frame.width),
                y: percent(state.cursor[1], frame.top, frame.height),
            })
        }
        view.reveal(state.cursor)
        act.draw()
    }

    function nextCorner(way) {
        if (!chosen() || state.draft) return
        const count = chosen().corners.length
        state.corner = state.corner < 0 ? (way > 0 ? 0 : count - 1) : (state.corner + way + count) % count
        state.cursor = chosen().corners[state.corner]
        view.reveal(state.cursor)
        act.say("corner", { corner: state.corner + 1, count })
        act.draw()
    }

    function enter() {
        if (state.draft) return act.put(state.cursor)
        if (state.corner >= 0) return
        act.select(state.zones.findLastIndex(zone => shape.contains(zone.corners, state.cursor)))
    }

    function escape() {
        if (state.draft) return act.cancel()
        if (state.corner < 0) return act.select(-1)
        state.corner = -1
        act.draw()
    }

    const add = () => chosen() && !state.draft && act.addCorner()
    const keys = {
        Enter: enter, Escape: escape, Backspace: act.takeBack, Delete: act.takeBack,
        PageDown: () => nextCorner(1), PageUp: () => nextCorner(-1), n: () => nextCorner(1), p: () => nextCorner(-1),
        d: () => state.draft ?? act.begin(), a: add, Insert: add,
        "+": () => act.zoom(1.5), "-": () => act.zoom(1 / 1.5), 0: act.showAll,
    }

    canvas.addEventListener("keydown", event => {
        const isCommand = event.ctrlKey || event.metaKey
        if (isCommand && event.key.toLowerCase() === "z") act.undo()
        else if (isCommand || event.altKey) return
        else if (arrows[event.key]) step(arrows[event.key], event)
        else if (keys[event.key]) keys[event.key]()
        else return
        event.preventDefault()
    })
    canvas.addEventListener("focus", act.draw)
    canvas.addEventListener("blur", act.draw)

    // Pointers

    canvas.addEventListener("pointerdown", event => {
        if (event.button !== 0 || state.drag) return
        const place = view.place(event)
        state.cursor = shape.within(place, frame)
        if (state.draft) return act.put(place)
        const target = event.target.dataset
        if (target.corner !== undefined) {
            state.corner = Number(target.corner)
            state.drag = { isCorner: true, isBegun: false }
        } else if (target.middle !== undefined && chosen().corners.length < limits.max) {
            act.insert(Number(target.middle))
            state.drag = { isCorner: true, isBegun: true }
        } else {
            if (target.zone !== undefined) act.select(Number(target.zone))
            state.drag = { from: place, at: [event.clientX, event.clientY], isOnZone: target.zone !== undefined }
        }
        canvas.setPointerCapture(event.pointerId)
        act.draw()
    })

    function drag(event, place) {
        const { drag } = state
        if (drag.isCorner) {
            if (!drag.isBegun) act.remember()
            drag.isBegun = true
            act.moveCorner(place)
        } else if (drag.isMoved || Math.hypot(event.clientX - drag.at[0], event.clientY - drag.at[1]) > 4) {
            drag.isMoved = true
            view.move(drag.from[0] - place[0], drag.from[1] - place[1])
        }
    }

    canvas.addEventListener("pointermove", event => {
        const place = view.place(event)
        if (state.draft) state.cursor = shape.within(place, frame)
        else if (state.drag) drag(event, place)
        else return
        act.draw()
    })

    for (const kind of ["pointerup", "pointercancel"]) {
        canvas.addEventListener(kind, () => {
            const { drag } = state
            state.drag = null
            // A press beside all zones chooses none; a picture that was only moved stays as it is.
            if (drag?.at && !drag.isMoved && !drag.isOnZone) act.select(-1)
            else act.draw()
        })
    }

    canvas.addEventListener("wheel", event => {
        if (!event.ctrlKey) return
        event.preventDefault()
        state.cursor = shape.within(view.place(event), frame)
        act.zoom(event.deltaY < 0 ? 1.25 : 0.8)
    }, { passive: false })
}

// The editor of a floor plan's zones: by pointer, by touch, and by keys alone. It keeps what was drawn until it is saved.

const byID = id => document.getElementById(id)
const root = byID("editor"), canvas = byID("canvas"), words = byID("words").dataset
const shape = await import(root.dataset.shape)
const { View } = await import(root.dataset.view)
const { listen } = await import(root.dataset.input)

const frame = Object.fromEntries(["left", "top", "width", "height"].map(side => [side, Number(root.dataset[side])]))
const limits = { min: Number(root.dataset.cornersMin), max: Number(root.dataset.cornersMax) }
const view = new View(canvas, byID("shapes"), frame, shape.middle)
const texts = ["id", "name", "line", "station", "grid"]
const kinds = ["cameras", "assets"]

/**
 * `selected` is the place of the zone that is chosen, `corner` that of its corner, -1 for none; `draft` has the corners so
 * far of an outline that is being drawn, and is null when none is; `taken` are ids of zones on other plans.
 */
const state = {
    zones: [], unplaced: [], taken: [], selected: -1, corner: -1, draft: null, drag: null,
    cursor: [frame.left + frame.width / 2, frame.top + frame.height / 2],
}
let version = "", isChanged = false, past = []

const tell = (key, values = {}) =>
    Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key] ?? key)
const say = (key, values) => { byID("say").textContent = tell(key, values) }
const title = zone => (zone.name ? `${zone.name} (${zone.id})` : zone.id)
const chosen = () => state.zones[state.selected]
const faultOf = zone => zone && shape.fault(zone.corners, frame, limits)
const faultWords = fault => tell(fault.kind, { ...fault, ...limits })

// MARK: What is shown

function draw() {
    const fault = state.draft ? null : faultOf(chosen())
    view.draw({ ...state, fault, hasFocus: document.activeElement === canvas })
    canvas.classList.toggle("drawing", state.draft !== null)
    byID("draw").hidden = state.draft !== null
    byID("close").hidden = byID("cancel").hidden = state.draft === null
    byID("add-corner").disabled = !chosen() || state.draft !== null
    byID("remove-corner").disabled = state.corner < 0 || state.draft !== null
    byID("undo").disabled = past.length === 0 || state.draft !== null
    byID("changed").hidden = !isChanged
    if (fault && !state.drag) byID("say").textContent = `${title(chosen())}: ${faultWords(fault)}`
}

function list() {
    byID("zones").replaceChildren(...state.zones.map((zone, place) => {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: title(zone) })
        button.setAttribute("aria-pressed", place === state.selected)
        button.addEventListener("click", () => select(place))
        const item = document.createElement("li")
        item.append(button)
        return item
    }))
}

function fill() {
    const zone = chosen()
    byID("zone-form").hidden = !zone
    if (!zone) return
    byID("zone-title").textContent = title(zone)
    for (const text of texts) byID(`zone-${text}`).value = zone[text] ?? ""
    byID("zone-id").readOnly = zone.isKept
    for (const kind of kinds) {
        for (const box of byID(kind)?.querySelectorAll("input") ?? []) {
            box.checked = zone[kind].includes(box.value)
            const other = state.zones.find(found => found !== zone && found[kind].includes(box.value))
            const where = box.closest("li").querySelector(".where")
            where.dataset.first ??= where.textContent
            where.textContent = other ? tell("nowIn", { zone: title(other) }) : box.checked ? "" : where.dataset.first
        }
    }
}

function select(place, cornerPlace = -1) {
    state.selected = place
    state.corner = cornerPlace
    if (chosen()) say("selected", { zone: title(chosen()), count: chosen().corners.length })
    else say("none")
    list()
    fill()
    draw()
}

// MARK: Changes

/** Remembers how it was, so that the change that follows can be taken back. */
function remember() {
    const { zones, unplaced, selected } = state
    past.push(JSON.stringify({ zones, unplaced, selected }))
    if (past.length > 100) past.shift()
    isChanged = true
}

function undo() {
    const before = past.pop()
    if (!before || state.draft) return
    Object.assign(state, JSON.parse(before), { corner: -1 })
    offer()
    list()
    fill()
    say("undone")
    draw()
}

function begin() {
    state.draft = []
    state.corner = -1
    canvas.focus()
    say("drawing")
    draw()
}

function cancel() {
    state.draft = null
    say("cancelled")
    draw()
}

const isNear = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]) < view.unit * 14

function put(place) {
    const spot = shape.rounded(shape.within(place, frame), view.seen.width)
    if (state.draft.length >= limits.min && isNear(spot, state.draft[0])) return close()
    if (state.draft.length >= limits.max) return say("tooMany", limits)
    const last = state.draft.at(-1)
    if (last && last[0] === spot[0] && last[1] === spot[1]) return
    state.draft.push(spot)
    say("placed", { count: state.draft.length })
    draw()
}

function close() {
    if (state.draft.length < limits.min) return say("tooFew", limits)
    const again = state.unplaced.find(zone => zone.id === byID("unplaced").value)
    const corners = state.draft
    state.draft = null
    remember()
    const taken = [...state.zones, ...state.unplaced].map(zone => zone.id).concat(state.taken)
    const fresh = { id: shape.freeID(new Set(taken)), name: "", cameras: [], assets: [], isKept: false }
    state.zones.push({ ...(again ?? fresh), corners })
    state.unplaced = state.unplaced.filter(zone => zone !== again)
    offer()
    select(state.zones.length - 1)
    say("closed", { zone: title(chosen()), count: corners.length })
    draw()
    byID(again ? "zone-name" : "zone-id").focus()
}

function moveCorner(place) {
    chosen().corners[state.corner] = shape.rounded(shape.within(place, frame), view.seen.width)
}

/** Adds a corner in the middle of the edge behind the chosen one; of the longest edge where none is chosen. */
function addCorner() {
    const { corners } = chosen()
    if (corners.length >= limits.max) return say("tooMany", limits)
    const lengths = corners.map((from, place) => {
        const to = corners[(place + 1) % corners.length]
        return Math.hypot(from[0] - to[0], from[1] - to[1])
    })
    insert(state.corner < 0 ? lengths.indexOf(Math.max(...lengths)) : state.corner)
    say("cornerNew", { corner: state.corner + 1, count: corners.length })
    canvas.focus()
}

function insert(edge) {
    remember()
    const { corners } = chosen()
    corners.splice(edge + 1, 0, shape.middle(corners[edge], corners[(edge + 1) % corners.length]))
    state.corner = edge + 1
    draw()
}

function removeCorner() {
    const { corners } = chosen()
    if (state.corner < 0) return
    if (corners.length <= limits.min) return say("tooFew", limits)
    remember()
    corners.splice(state.corner, 1)
    state.corner = Math.min(state.corner, corners.length - 1)
    say("cornerGone", { count: corners.length })
    draw()
}

function removeZone() {
    remember()
    const [gone] = state.zones.splice(state.selected, 1)
    select(-1)
    say("deleted", { zone: title(gone) })
}

/** Zones without a place, to be drawn again. */
function offer() {
    const choice = byID("unplaced")
    choice.replaceChildren(choice.options[0], ...state.unplaced.map(zone => new Option(title(zone), zone.id)))
    choice.value = ""
}

function zoom(factor) {
    view.zoom(factor, state.cursor)
    say("zoom", { percent: Math.round(view.closeness * 100) })
    draw()
}

function showAll() {
    view.showAll()
    say("zoom", { percent: 100 })
    draw()
}

function takeBack() {
    if (!state.draft) return removeCorner()
    state.draft.pop()
    say("taken", { count: state.draft.length })
    draw()
}

listen({
    canvas, view, shape, frame, limits, state,
    act: { begin, cancel, put, select, remember, undo, moveCorner, insert, addCorner, takeBack, zoom, showAll, draw, say },
})

// MARK: Buttons and fields

const buttons = {
    draw: begin, close, cancel, undo, "add-corner": addCorner, "remove-corner": removeCorner, "zoom-in": () => zoom(1.5),
    "zoom-out": () => zoom(1 / 1.5), "zoom-all": showAll, "remove-zone": removeZone,
}
for (const [id, act] of Object.entries(buttons)) byID(id).addEventListener("click", act)

for (const text of texts) {
    byID(`zone-${text}`).addEventListener("input", event => {
        if (!chosen()) return
        chosen()[text] = event.target.value
        isChanged = true
        list()
        draw()
    })
}

for (const kind of kinds) {
    byID(kind)?.addEventListener("change", event => {
        const id = event.target.value
        remember()
        for (const zone of state.zones) zone[kind] = zone[kind].filter(found => found !== id)
        if (event.target.checked) chosen()[kind].push(id)
        fill()
        draw()
    })
}

for (const field of document.querySelectorAll("[data-filter]")) {
    field.addEventListener("input", () => {
        const wanted = field.value.trim().toLowerCase()
        for (const item of byID(field.dataset.filter).children) {
            item.hidden = wanted !== "" && !item.textContent.toLowerCase().includes(wanted)
        }
    })
}
byID("zone-form").addEventListener("submit", event => event.preventDefault())

// MARK: Saving

function refuse(text, place = -1) {
    const refusal = byID("refusal")
    refusal.textContent = text
    refusal.hidden = false
    if (place >= 0) select(place)
    refusal.focus()
}

/** What the server would refuse, said at once; -1 and null where there is nothing. */
function look() {
    for (const [place, zone] of state.zones.entries()) {
        if (!zone.id.trim()) return [place, tell("idMissing")]
        const id = zone.id.trim()
        const others = [...state.zones, ...state.unplaced].filter(other => other !== zone)
        const isTaken = others.some(other => other.id === id) || state.taken.includes(id)
        if (isTaken) return [place, tell("idTaken", { zone: zone.id })]
        const fault = faultOf(zone)
        if (fault) return [place, `${title(zone)}: ${faultWords(fault)}`]
    }
    return [-1, null]
}

async function save() {
    byID("refusal").hidden = true
    const reason = byID("reason").value.trim()
    const [place, found] = look()
    if (found) return refuse(found, place)
    if (!reason) return refuse(tell("reasonMissing"))
    say("saving")
    const sent = state.zones.map(({ isKept, ...zone }) => zone)
    try {
        const answer = await fetch(root.dataset.save, {
            method: "PUT", headers: { "content-type": "application/json" },
            body: JSON.stringify({ version, reason, by: byID("by")?.value, zones: sent }),
        })
        const body = await answer.json()
        if (!answer.ok) return refused(body)
        await load()
        byID("reason").value = ""
        say("saved", { count: state.zones.length })
    } catch {
        refuse(tell("offline"))
    }
}

/** What was drawn stays; the zone that the server names is chosen. */
function refused(problem) {
    const errors = problem.errors ?? []
    const place = errors.map(error => /^\/zones\/(\d+)/.exec(error.pointer)).find(Boolean)
    const lines = errors.slice(0, 8).map(error => error.detail).filter(line => !problem.detail?.toLowerCase().includes(line.toLowerCase()))
    say("refused")
    refuse([`${tell("refused")} ${problem.detail ?? problem.title}`, ...lines].join(" · "), place ? Number(place[1]) : -1)
}

byID("save-form").addEventListener("submit", event => {
    event.preventDefault()
    save()
})
window.addEventListener("beforeunload", event => {
    if (isChanged || state.draft?.length) event.preventDefault()
})
window.addEventListener("resize", draw)

// MARK: The beginning

async function load() {
    const answer = await fetch(root.dataset.api)
    if (!answer.ok) throw new Error(`${answer.status}`)
    const map = await answer.json()
    const plan = map.plans.find(found => found.name === root.dataset.plan)
    const kept = ({ id, name = "", line = "", station = "", grid = "", corners = [], cameras, assets }) =>
        ({ id, name, line, station, grid, corners, cameras, assets, isKept: true })
    const id = chosen()?.id
    version = plan.version
    state.zones = plan.zones.map(kept)
    state.unplaced = map.unplaced.map(kept)
    state.taken = map.plans.filter(other => other !== plan).flatMap(other => other.zones.map(zone => zone.id))
    past = []
    isChanged = false
    offer()
    select(state.zones.findIndex(zone => zone.id === id))
}

try {
    await load()
} catch {
    say("failed")
}

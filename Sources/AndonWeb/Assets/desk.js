// The desk on a phone: what is typed is kept, and what cannot be sent waits and is sent by itself, once.
// Without this script every form works as a plain form.

const bar = document.getElementById("desk-bar")
const words = bar.dataset
const { person, order } = words
const logic = await import(words.logic)
const store = await import(words.store)

const part = name => bar.querySelector(`[data-${name}]`)
const sendEvery = 20_000
/** A photo over a weak network takes its time; a connection that hangs holds up the others. */
const sendWithin = 120_000

// MARK: Drafts

function fieldsOf(form) {
    return Array.from(form.elements).filter(field => field.name && (field.type !== "radio" || field.checked))
        .map(({ name, type, value }) => ({ name, type, value }))
}

function keyOf(form) {
    return logic.draftKey(person, order || "-", form.dataset.step ?? form.dataset.draft)
}

function keepDraft(form) {
    try {
        localStorage.setItem(keyOf(form), logic.draft(fieldsOf(form), Date.now()))
    } catch { /* A full store: the page itself still has it. */ }
}

function dropDraft(form) { localStorage.removeItem(keyOf(form)) }

function restoreDraft(form) {
    const fields = logic.restored(localStorage.getItem(keyOf(form)) ?? "", Date.now())
    let changed = false
    for (const [name, value] of fields) {
        for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
            if (field.type === "radio") {
                if (field.value === value && !field.checked) changed = field.checked = true
            } else if (!["hidden", "password", "file"].includes(field.type) && field.value !== value && value !== "") {
                field.value = value
                changed = true
            }
        }
    }
    return changed
}

function forgetOldDrafts() {
    for (const key of Object.keys(localStorage)) {
        if (!key.startsWith("desk-draft/")) continue
        if (logic.restored(localStorage.getItem(key) ?? "", Date.now()).length === 0) localStorage.removeItem(key)
    }
}

// MARK: Words for people

function say(text) {
    const place = part("said")
    place.textContent = text
    place.hidden = !text
}

function button(text, act) {
    const made = document.createElement("button")
    made.type = "button"
    made.textContent = text
    made.addEventListener("click", act)
    return made
}

async function show() {
    const own = (await store.all()).filter(step => step.person === person).sort((a, b) => a.at - b.at)
    const waiting = own.filter(step => step.state === "waiting").length
    part("outbox").hidden = own.length === 0
    part("count").textContent = waiting === 0 ? "" : logic.waitingWords(waiting, words.waitingOne, words.waitingOther)
    part("list").replaceChildren(...own.map(line))
}

/** A waiting or refused step: where it belongs, what it says, and why it was refused. */
function line(step) {
    const item = document.createElement("li")
    const link = document.createElement("a")
    link.href = `/desk/${step.order}`
    link.textContent = `${step.title} · ${words[step.action] ?? step.action} · ${logic.clock(step.at)}`
    item.append(link)
    if (step.state !== "refused") return item
    const why = document.createElement("p")
    why.className = "problem"
    why.textContent = `${words.refused} ${step.problem}`
    const text = document.createElement("pre")
    text.textContent = step.fields.filter(([name]) => name !== "step").map(([, value]) => value).filter(Boolean).join("\n")
    item.append(why, text, button(words.again, () => again(step)), " ", button(words.discard, () => discard(step)))
    return item
}

async function again(step) {
    await store.put({ ...step, state: "waiting", problem: "" })
    await show()
    await sendAll()
}

async function discard(step) {
    await store.remove(step.key)
    await show()
}

// MARK: Sending

function bodyOf(step) {
    if (step.photos.length === 0) return new URLSearchParams(step.fields)
    const form = new FormData()
    for (const [name, value] of step.fields) form.append(name, value)
    for (const photo of step.photos) form.append("photo", photo, "photo")
    return form
}

/** What the server says: `status` 0 when nobody answered. */
async function send(step) {
    try {
        const response = await fetch(`/desk/${step.order}/${step.action}`, {
            method: "POST", body: bodyOf(step), redirect: "error",
            headers: { Accept: "application/json", "Idempotency-Key": step.key },
            signal: AbortSignal.timeout(sendWithin),
        })
        const answer = await response.json().catch(() => ({}))
        return { status: response.status, type: answer.type ?? "", detail: answer.detail ?? answer.title ?? "" }
    } catch {
        return { status: 0, type: "", detail: "" }
    }
}

let isSending = false

async function sendAll() {
    if (isSending) return
    isSending = true
    try {
        // One page at a time, if there are several.
        if (!navigator.locks) return await sendWaiting()
        await navigator.locks.request("andon-desk", { ifAvailable: true }, lock => lock && sendWaiting())
    } finally {
        isSending = false
    }
}

async function sendWaiting() {
    const done = []
    for (const step of logic.due(await store.all(), person)) {
        const answer = await send(step)
        const outcome = logic.outcome(answer.status, answer.type)
        part("enter").hidden = outcome !== "sign-in"
        if (outcome === "sign-in") part("count").textContent = words.signIn
        if (outcome === "sign-in") return
        if (outcome === "wait") break
        if (outcome === "done") {
            await store.remove(step.key)
            done.push(step)
        } else {
            await store.put({ ...step, state: "refused", problem: answer.detail })
        }
    }
    await show()
    if (!done.some(step => step.order === order)) return
    say("")
    // The page shows what has been done. What is being typed is not lost by it, as drafts are kept; a chosen photo would be.
    if (!document.querySelector("[data-file-chosen]")) location.assign(`/desk/${order}`)
}

// MARK: Forms

async function jpegOf(file) {
    if (["image/jpeg", "image/png"].includes(file.type)) return file
    try {
        const picture = await createImageBitmap(file)
        const canvas = document.createElement("canvas")
        canvas.width = picture.width
        canvas.height = picture.height
        canvas.getContext("2d").drawImage(picture, 0, 0)
        return await new Promise(resolve => canvas.toBlob(made => resolve(made ?? file), "image/jpeg", 0.9))
    } catch {
        return file
    }
}

async function stepOf(form) {
    const fields = fieldsOf(form).filter(({ name, type }) => name !== "step" && type !== "file")
    const files = Array.from(form.querySelectorAll('input[type="file"]')).flatMap(input => Array.from(input.files))
    return {
        key: logic.newKey(), person, order, action: form.dataset.step, at: Date.now(), state: "waiting", problem: "",
        title: document.querySelector("h1").textContent, fields: fields.map(({ name, value }) => [name, value]),
        photos: await Promise.all(files.map(jpegOf)),
    }
}

async function submit(event) {
    const form = event.target
    if (event.defaultPrevented || !form.dataset.step) return
    // A password is never kept: the form goes as it is, or waits in the page.
    if (form.querySelector('input[type="password"]')) {
        if (navigator.onLine) return
        event.preventDefault()
        return say(words.password)
    }
    event.preventDefault()
    const steps = logic.split(await stepOf(form), logic.newKey)
    try {
        for (const step of steps) await store.put(step)
    } catch {
        // A device that keeps nothing: the form goes as it is.
        return navigator.onLine ? HTMLFormElement.prototype.submit.call(form) : say(words.notKept)
    }
    dropDraft(form)
    form.reset()
    form.removeAttribute("data-file-chosen")
    say(words.queued)
    await show()
    await sendAll()
    await refusedBack(form, steps)
}

/** What was refused stands in its form again, so that it can be put right. */
async function refusedBack(form, steps) {
    const kept = await store.all()
    const refused = steps.map(({ key }) => kept.find(step => step.key === key)).find(step => step?.state === "refused")
    if (!refused) return
    say("")
    localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), fields: refused.fields }))
    restoreDraft(form)
    part("outbox").scrollIntoView()
}

function typed(form) {
    keepDraft(form)
    const files = form.querySelector('input[type="file"]')
    if (files) form.toggleAttribute("data-file-chosen", files.files.length > 0)
}

// MARK: Parts, as rows

function addRow(rows, { code, quantity, name }, change) {
    const row = document.createElement("div")
    row.className = "row desk-part"
    const texts = rows.parentElement.dataset
    const fields = [[texts.code, code, "text"], [texts.quantity, quantity, "decimal"], [texts.name, name, "text"]]
    for (const [label, value, mode] of fields) {
        const wrap = document.createElement("label")
        const input = document.createElement("input")
        input.inputMode = mode
        input.maxLength = 80
        input.value = value
        input.addEventListener("input", change)
        wrap.append(`${label} `, input)
        row.append(wrap)
    }
    row.append(button(texts.remove, () => {
        row.remove()
        change()
    }))
    rows.append(row)
}

function makeRows(box) {
    const area = box.querySelector("textarea")
    const rows = document.createElement("div")
    const title = document.createElement("p")
    title.textContent = box.dataset.title
    const change = () => {
        area.value = logic.partLines(Array.from(rows.children, row => {
            const [code, quantity, name] = Array.from(row.querySelectorAll("input"), input => input.value)
            return { code, quantity, name }
        }))
        area.dispatchEvent(new Event("input", { bubbles: true }))
    }
    const empty = { code: "", quantity: "1", name: "" }
    const more = button(box.dataset.add, () => {
        addRow(rows, empty, change)
        rows.lastElementChild.querySelector("input").focus()
    })
    area.parentElement.hidden = true
    box.append(title, rows, more)
    for (const row of logic.partRows(area.value)) addRow(rows, row, change)
    area.form.addEventListener("reset", () => rows.replaceChildren())
}

function suggestHours(form) {
    const field = form.elements.namedItem("hours")
    if (form.dataset.started && field) {
        field.value = logic.suggestedHours(form.dataset.started, Date.now()) || field.value
    }
}

// MARK: Without a network

function showAge() {
    const at = Number(document.documentElement.dataset.keptAt)
    if (!at) return
    const place = part("offline")
    place.textContent = words.asOf.replace("{time}", logic.clock(at))
    place.hidden = false
}

async function askWorker() {
    if (!("serviceWorker" in navigator)) return
    navigator.serviceWorker.addEventListener("message", ({ data }) => {
        if (data?.keptAt && data.path === location.pathname + location.search) {
            document.documentElement.dataset.keptAt = data.keptAt
            showAge()
        }
    })
    try {
        await navigator.serviceWorker.register("/desk/worker.js", { scope: "/desk" })
        const worker = await navigator.serviceWorker.ready
        worker.active?.postMessage({ ask: location.pathname + location.search })
    } catch { /* Without one, a page that is open goes on working. */ }
}

// MARK: Begin

function begin() {
    localStorage.setItem("desk-person", person)
    forgetOldDrafts()
    // A form that is not offered any more has been sent.
    for (const step of order ? ["start", "close"] : []) {
        if (document.querySelector(`form[data-step="${step}"]`)) continue
        localStorage.removeItem(logic.draftKey(person, order, step))
    }
    const isReported = document.querySelector("main .done[role=status]:not([data-said])") !== null
    if (isReported) localStorage.removeItem(logic.draftKey(person, "-", "missed"))
    const isRefused = document.querySelector(".problem[role=alert]") !== null
    let isRestored = false
    for (const form of document.querySelectorAll("form[data-step], form[data-draft]")) {
        suggestHours(form)
        // A form that was refused came back with what was typed.
        if (!isRefused) isRestored = restoreDraft(form) || isRestored
        form.addEventListener("input", () => typed(form))
    }
    if (isRestored) say(words.restored)
}

try {
    begin()
} catch { /* No storage: the forms work without. */ }
for (const box of document.querySelectorAll("[data-parts]")) makeRows(box)
// On the document, behind the frame's question whether one is sure.
document.addEventListener("submit", submit)
part("send").addEventListener("click", () => sendAll())
window.addEventListener("online", () => sendAll())
setInterval(() => sendAll(), sendEvery)
askWorker()
try {
    await show()
    await sendAll()
} catch { /* No store: nothing waits in it. */ }

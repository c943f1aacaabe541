// What the desk's script decides, without a page, a store or a network: pure functions.

/** A random name of 32 hexadecimal digits; crypto.randomUUID is there only on secure pages. */
export function newKey(random = crypto.getRandomValues(new Uint8Array(16))) {
    return Array.from(random, byte => byte.toString(16).padStart(2, "0")).join("")
}

/** Where a form's draft lies: by person, order and step, so that nobody sees what another one typed. */
export function draftKey(person, order, step) {
    return `desk-draft/${person}/${order}/${step}`
}

export const draftAgeMax = 14 * 86_400_000

/** A draft as it is kept: its fields, and when it was typed. Passwords and keys are never among them. */
export function draft(fields, at) {
    const kept = fields.filter(({ name, type }) => name && name !== "step" && type !== "password" && type !== "file")
    return JSON.stringify({ at, fields: kept.map(({ name, value }) => [name, value]) })
}

/** The fields of a kept draft; none for what is too old or no draft. */
export function restored(text, now) {
    try {
        const { at, fields } = JSON.parse(text)
        if (!Number.isFinite(at) || now - at > draftAgeMax || !Array.isArray(fields)) return []
        return fields.filter(field => Array.isArray(field) && field.every(part => typeof part === "string"))
    } catch {
        return []
    }
}

/**
 * What is to be done with a step after an answer, or after none (`status` 0).
 *
 * - `done`: it is there; the next one goes.
 * - `wait`: no network, or a server that is busy: it stays, and the rest behind it.
 * - `sign-in`: nobody is signed in any more: it stays.
 * - `refused`: it will never be taken like this: a person looks at it.
 */
export function outcome(status, type = "") {
    if (status >= 200 && status < 300) return "done"
    if (status === 401) return type.endsWith("wrong-credentials") ? "refused" : "sign-in"
    if (status === 0 || status === 408 || status === 425 || status === 429 || status >= 500) return "wait"
    return "refused"
}

/** The steps of a person that can go now, in the order in which they were made; one that was refused holds up none. */
export function due(steps, person) {
    return steps.filter(step => step.person === person && step.state === "waiting").sort((a, b) => a.at - b.at)
}

/** A step with several photos as steps with one each: a cut connection then costs one of them at most. */
export function split(step, makeKey) {
    if (step.photos.length < 2) return [step]
    return step.photos.map((photo, place) => ({
        ...step, photos: [photo], at: step.at + place / 1000, key: place === 0 ? step.key : makeKey(),
    }))
}

/** The lines of a text of parts as rows: `CODE x QUANTITY name`. */
export function partRows(text) {
    return text.split(/\r?\n/).map(line => line.trim()).filter(Boolean).map(line => {
        const found = line.match(/^(\S+)(?:\s+[x×]\s+(\S+)(?:\s+(.*))?)?$/i)
        if (!found) return { code: line, quantity: "", name: "" }
        return { code: found[1], quantity: found[2] ?? "1", name: found[3] ?? "" }
    })
}

/** Rows as the text that the server reads; rows without a code are left out. */
export function partLines(rows) {
    return rows.filter(({ code }) => code.trim()).map(({ code, quantity, name }) => {
        const count = quantity.trim() || "1"
        return `${code.trim().replace(/\s+/g, "-")} x ${count} ${name.trim()}`.trim()
    }).join("\n")
}

/** Labour hours from a start until now in quarters of an hour; empty where that says nothing. */
export function suggestedHours(started, now) {
    const quarters = Math.ceil((now - Date.parse(started)) / 900_000)
    return Number.isFinite(quarters) && quarters >= 0 && quarters <= 96 ? String(Math.max(1, quarters) / 4) : ""
}

/** Of a count of waiting steps, in words. */
export function waitingWords(count, one, other) {
    return count === 1 ? one : other.replace("{count}", String(count))
}

/** The hour and minute of a time, on this device's clock. */
export function clock(time) {
    const date = new Date(time)
    const two = value => String(value).padStart(2, "0")
    return `${two(date.getHours())}:${two(date.getMinutes())}`
}

// Polygons of the plant map: what an outline may not be, and the sums that the editor needs. Nothing here knows the page.

/** Where c lies beside the line from a to b: its sign, and 0 on it. */
const side = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

const isBetween = (a, b, c) =>
    Math.min(a[0], b[0]) <= c[0] && c[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= c[1] && c[1] <= Math.max(a[1], b[1])

function meet(a, b, c, d) {
    const [one, two, three, four] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)]
    if (one * two < 0 && three * four < 0) return true
    return (one === 0 && isBetween(a, b, c)) || (two === 0 && isBetween(a, b, d)) ||
        (three === 0 && isBetween(c, d, a)) || (four === 0 && isBetween(c, d, b))
}

/** In shares of the plan, as the server looks at it. */
const share = ([x, y], frame) => [(x - frame.left) / frame.width, (y - frame.top) / frame.height]

export function doubleArea(corners) {
    return corners.reduce((sum, [x, y], place) => {
        const [nextX, nextY] = corners[(place + 1) % corners.length]
        return sum + x * nextY - nextX * y
    }, 0)
}

/**
 * The first fault of an outline, or null. Corners and edges count from 1; edge n leads from corner n to the next. The same
 * looks as the server's: PolygonCheck.swift.
 */
export function fault(corners, frame, { min, max }) {
    const count = corners.length
    if (count < min) return { kind: "tooFew", edges: [] }
    if (count > max) return { kind: "tooMany", edges: [] }
    const points = corners.map(corner => share(corner, frame))
    for (let place = 0; place < count; place += 1) {
        const next = (place + 1) % count
        if (points[place][0] === points[next][0] && points[place][1] === points[next][1]) {
            return { kind: "doubled", edges: [place + 1], one: place + 1, other: next + 1 }
        }
    }
    for (let place = 0; place < count; place += 1) {
        const before = (place + count - 1) % count
        const [a, b, c] = [points[before], points[place], points[(place + 1) % count]]
        const dot = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1])
        if (Math.abs(side(a, b, c)) < 1e-15 && dot < 0) {
            return { kind: "backOver", edges: [place + 1, before + 1], one: place + 1, other: before + 1 }
        }
    }
    for (let one = 0; one < count; one += 1) {
        for (let other = one + 1; other < count; other += 1) {
            const areNeighbours = other === one + 1 || (one === 0 && other === count - 1)
            if (areNeighbours) continue
            if (meet(points[one], points[(one + 1) % count], points[other], points[(other + 1) % count])) {
                return { kind: "crossing", edges: [one + 1, other + 1], one: one + 1, other: other + 1 }
            }
        }
    }
    return Math.abs(doubleArea(points)) / 2 < 1e-6 ? { kind: "empty", edges: [] } : null
}

/** By even and odd crossings. */
export function contains(corners, [x, y]) {
    let isInside = false
    corners.forEach(([fromX, fromY], place) => {
        const [toX, toY] = corners[(place + 1) % corners.length]
        if ((fromY > y) !== (toY > y) && x < fromX + (y - fromY) / (toY - fromY) * (toX - fromX)) isInside = !isInside
    })
    return isInside
}

/** A place on the plan, moved to its edge where it lies outside. */
export function within([x, y], frame) {
    return [
        Math.min(Math.max(x, frame.left), frame.left + frame.width),
        Math.min(Math.max(y, frame.top), frame.top + frame.height),
    ]
}

/** To a thousandth of what can be seen: nobody draws finer, and numbers stay short. */
export function rounded([x, y], unit) {
    const step = 10 ** Math.floor(Math.log10(unit / 100))
    const round = value => Number((Math.round(value / step) * step).toPrecision(12))
    return [round(x), round(y)]
}

export const middle = ([ax, ay], [bx, by]) => [(ax + bx) / 2, (ay + by) / 2]

/** A free id such as Z7, for a zone that has none. */
export function freeID(taken) {
    for (let number = taken.size + 1; ; number += 1) {
        if (!taken.has(`Z${number}`)) return `Z${number}`
    }
}

"""Opens pages in a real Chromium as a person would, on a phone, a laptop and a wall screen, light and dark, in two languages,
and says what is wrong with them, a line of JSON for each page and way of looking at it.

    walk.py ADDRESS LOGIN PASSWORD [--shots FOLDER] [--ways N] PATH...

Without LOGIN ("") nobody signs in. A PATH may be followed by the status that it answers: /orders/NONE0=404. What is looked at: the console, failed requests, axe-core (nothing serious), one h1,
texts without words, pictures that are none, what is wider than the screen, what Tab reaches, and how much was transferred.
"""

import argparse
import importlib.resources
import json
import re
import sys

from playwright.sync_api import sync_playwright

# name, width, height, scheme, language
WAYS = [
    ("phone", 390, 844, "light", "en"),
    ("laptop", 1366, 768, "dark", "en"),
    ("wall", 1920, 1080, "dark", "de"),
    ("phone", 390, 844, "dark", "de"),
    ("laptop", 1366, 768, "light", "de"),
    ("wall", 1920, 1080, "light", "en"),
]
# There, small pictures never arrive: a page must be usable while they are under way.
WITHOUT_SMALL_PICTURES = ("laptop", "dark")
AXE = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

REACH = """() => {
    const shown = e => e.checkVisibility({ checkVisibilityCSS: true }) && !e.closest('[inert]')
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
        .filter(e => shown(e) && !e.disabled)
    // Of radio buttons of one name one alone is reached by Tab, the others by arrows.
    const names = new Set()
    return all.filter(e => {
        if (e.type !== 'radio') return true
        const name = (e.form ? [...document.forms].indexOf(e.form) : '') + '/' + e.name
        if (names.has(name)) return false
        names.add(name)
        return true
    }).length
}"""

# What the navigation says of where one is must be in sight, however many words it has.
HIDDEN = """() => {
    const here = document.querySelector('.top nav a[aria-current]')
    if (!here) return false
    const [own, row] = [here.getBoundingClientRect(), here.closest('nav').getBoundingClientRect()]
    return own.left < row.left - 1 || own.right > row.right + 1
}"""

FOCUS = """() => {
    const e = document.activeElement
    if (!e || e === document.body) return null
    window.seen ??= new Set()
    const key = e.type === 'radio' ? (e.form ? [...document.forms].indexOf(e.form) : '') + '/' + e.name : e
    const isNew = !window.seen.has(key)
    window.seen.add(key)
    const box = e.getBoundingClientRect()
    return { isNew, tag: e.tagName, text: (e.textContent || e.name || '').trim().slice(0, 30), size: box.width * box.height }
}"""


# Pages are looked at without the desk's worker, and the browser says so.
BLOCKED = "Service Worker registration blocked by Playwright"


def look(page, address, path, way, found, wanted=200, shot=None):
    """One page in one way of looking at it; `shot` is the file that its picture goes to."""
    name, width, _, _, language = way
    faults = []
    found.clear()
    response = page.goto(address + path, wait_until="load")
    page.wait_for_timeout(150)
    status = response.status if response else 0
    if status != wanted:
        faults.append(f"answered {status}, not {wanted}")
    if wanted >= 400:
        # The console tells of every answer that is a refusal, of one that was asked for as well.
        found[:] = [fault for fault in found if "Failed to load resource" not in fault]
    faults += found
    state = page.evaluate(
        """() => ({ h1: document.querySelectorAll('h1').length, lang: document.documentElement.lang,
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        blank: (document.body.innerText.match(/«[^»]*»/g) || []).slice(0, 5), title: document.title,
        broken: [...document.images].filter(e => e.complete && !e.naturalWidth).map(e => e.alt),
        unlabelled: [...document.querySelectorAll('svg[role=img]')].filter(e => !e.getAttribute('aria-label') && !e.querySelector('title')).length })"""
    )
    if shot:
        page.screenshot(path=shot, full_page=name == "phone")
    if state["h1"] != 1:
        faults.append(f"{state['h1']} headings of the first level")
    if state["lang"] != language:
        faults.append(f"lang is {state['lang']}")
    if state["wide"] > 1:
        faults.append(f"{state['wide']} px wider than the screen")
    if page.evaluate(HIDDEN):
        faults.append("the navigation hides where one is")
    if state["blank"]:
        faults.append(f"texts without words: {state['blank']}")
    if state["broken"]:
        faults.append(f"pictures that are none: {state['broken']}")
    if state["unlabelled"]:
        faults.append(f"{state['unlabelled']} charts without a text")
    faults += axe(page)
    if name == "laptop":
        faults += keyboard(page)
    size = page.evaluate(
        """() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
        .filter(e => !['img', 'image'].includes(e.initiatorType) && !/\\/(pictures|orders)\\/.*/.test(new URL(e.name).pathname.replace(/^\\/orders\\/?[A-Z0-9]*$/, '/')))
        .reduce((sum, e) => sum + e.encodedBodySize, 0)"""
    )
    if size > 100_000:
        faults.append(f"{size} bytes without pictures")
    return {"path": path, "way": name, "scheme": way[3], "language": language, "bytes": size, "faults": faults}


def axe(page):
    page.evaluate(AXE)
    result = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"axe {violation['impact']}: {violation['id']}: {violation['help']}: "
        + "; ".join(f"{node['html'][:160]} ({(node.get('failureSummary') or '').splitlines()[-1][:160]})" for node in violation["nodes"][:3])
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


def keyboard(page):
    """Tab reaches all that can be pressed, and shows where it is."""
    wanted = page.evaluate(REACH)
    page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0) }")
    reached, hidden = 0, []
    for _ in range(wanted + 20):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at is None:
            if reached:
                break
            continue
        if not at["isNew"]:
            if reached >= wanted:
                break
            continue
        reached += 1
        if at["size"] == 0:
            hidden.append(f"{at['tag']} {at['text']}")
    faults = [f"focus without a size: {hidden[:3]}"] if hidden else []
    if reached < wanted:
        faults.append(f"Tab reaches {reached} of {wanted}")
    return faults


def sign_in(page, address, login, password):
    page.goto(address + "/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.click("button.main")
    page.wait_for_load_state("load")


def listen(page, found):
    """What the console, the page and the network complain of."""

    def failed(request):
        # A page that is left ends its streams.
        if request.failure != "net::ERR_ABORTED":
            found.append(f"{request.url}: {request.failure}")

    def said(message):
        if message.type in ("error", "warning") and BLOCKED not in message.text:
            found.append(f"console {message.type}: {message.text}")

    page.on("console", said)
    page.on("pageerror", lambda error: found.append(f"script: {error}"))
    page.on("requestfailed", failed)


def expected(path):
    """The path, and the status that it answers: 200 where none is said."""
    match = re.fullmatch(r"(.*)=([1-5]\d\d)", path)
    return (match[1], int(match[2])) if match else (path, 200)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("login")
    parser.add_argument("password")
    parser.add_argument("--shots")
    parser.add_argument("--ways", type=int, default=len(WAYS))
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        state = None
        for way in WAYS[: args.ways]:
            name, width, height, scheme, language = way
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce",
                locale="de-DE" if language == "de" else "en-GB", storage_state=state,
                service_workers="block")
            page = context.new_page()
            found = []
            if args.login and state is None:
                sign_in(page, args.address, args.login, args.password)
                state = context.storage_state()
            listen(page, found)
            if (name, scheme) == WITHOUT_SMALL_PICTURES:
                page.route("**/thumbnail?*", lambda _: None)
            for path in args.paths:
                path, wanted = expected(path)
                file = re.sub("[^a-zA-Z0-9-]+", "_", path).strip("_") or "first"
                shot = f"{args.shots}/{file}-{name}-{scheme}-{language}.png" if args.shots else None
                print(json.dumps(look(page, args.address, path, way, found, wanted, shot)), flush=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    sys.exit(main())

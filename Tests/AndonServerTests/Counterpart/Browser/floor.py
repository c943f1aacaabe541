"""The tasks at the line: what is seen now, the orders, the map, and the desk on a phone."""

import re
import uuid

from person import expect, dot


def now(open_page, machine):
    """Filters, pauses and goes on; a detection that somebody reports appears by itself, and its order gets to its system."""
    machine.report(0)
    for screen in ("phone", "laptop"):
        person = open_page(screen)
        page = person.open("/now")
        filters = person.see("main form[role=search]", "the filter")
        filters.get_by_label("Class").fill("scratch")
        filters.get_by_role("button", name="Show").click()
        person.see(".seen h3", "scratches after the filter for them", "scratch")
        others = page.locator(".seen h3").filter(has_not_text=re.compile("scratch", re.I)).count()
        expect(others == 0, f"scratches alone after the filter for them, not {others} others")
        page.get_by_role("link", name="Show all").click()
        pause = page.get_by_role("button", name="Pause")
        pause.wait_for()
        page.evaluate("() => { window.isSame = true }")
        before = page.locator("#now-cards > li").first.get_attribute("id")
        changed = "before => document.querySelector('#now-cards > li')?.id !== before"
        machine.report(5)
        person.until(changed, "a new detection to appear without a reload", before)
        delivered = "() => document.querySelector('#now-cards [data-order] .tag.good')"
        person.until(delivered, "the order of a new detection to say that its system has it")
        pause.focus()
        person.press("p")
        expect(pause.get_attribute("aria-pressed") == "true", "P to pause")
        before = page.locator("#now-cards > li").first.get_attribute("id")
        machine.report(7)
        person.see("#now-status", "the pause to say that something waits", re.compile("waits?"))
        expect(page.locator("#now-cards > li").first.get_attribute("id") == before, "nothing new while it is paused")
        pause.click()
        person.until(changed, "what waited to appear after the pause", before)
        expect(page.evaluate("() => window.isSame"), "no reload of the page in all of it")
        person.leave()
    person = open_page("wall")
    page = person.open("/now/wall")
    expect(page.locator("nav").count() == 0, "no navigation on the wall")
    before = page.locator("#now-cards > li").first.get_attribute("id") if page.locator("#now-cards > li").count() else ""
    machine.report(2)
    person.until("before => document.querySelector('#now-cards > li')?.id !== before", "a detection on the wall", before)
    clock = page.locator("#now-clock")
    expect(is_clock(clock.inner_text()), f"a clock on the wall, not {clock.inner_text()!r}")
    # The page's own hand moves it from here on, and writes it like the server.
    page.evaluate("() => { document.querySelector('#now-clock').textContent = '' }")
    person.until("() => document.querySelector('#now-clock').textContent !== ''", "the clock on the wall to go on")
    expect(is_clock(clock.inner_text()), f"the clock on the wall to stay as it was, not {clock.inner_text()!r}")


def is_clock(words):
    """Whether it is the hour and the minute of a day of twenty-four hours, and nothing else."""
    return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", words.strip()) is not None


def orders(open_page, machine):
    """Searches, sorts, keeps a view, takes the table along, and opens an order."""
    reference = machine.order(0)
    for screen in ("phone", "laptop"):
        person = open_page(screen)
        page = person.open("/orders")
        page.get_by_role("searchbox", name="Search").last.fill("PRESS-07")
        page.locator("form.search button.main").click()
        person.see("table.orders tbody tr", "orders of the asset that was searched", "PRESS-07")
        if screen == "laptop":
            page.locator("thead").get_by_role("link", name="Priority").click()
            expect(page.locator("th[aria-sort=ascending], th[aria-sort=descending]").count() == 1, "one column to sort by")
        page.locator("details.views > summary").click()
        name = f"Press {uuid.uuid4().hex[:8]}"
        form = page.locator("form[action='/orders/views']")
        form.locator("input[name=name]").fill(name)
        form.get_by_role("button").click()
        person.see("details.views", "the list of views")
        if page.locator("details.views[open]").count() == 0:
            page.locator("details.views > summary").click()
        page.get_by_role("link", name=name).click()
        person.see("table.orders tbody tr", "the kept view to find the same", "PRESS-07")
        with page.expect_download() as taken:
            page.locator("a[download]").first.click()
        text = open(taken.value.path(), encoding="utf-8-sig").read()
        expect("PRESS-07" in text and text.count("\n") > 1, "the orders in the file")
        page.locator("table.orders tbody th a").first.click()
        person.see("h2#evidence", "an order with its evidence")
        person.leave()
    order(open_page, reference)


def order(open_page, reference):
    """Looks into the picture of an order, by buttons and by keys."""
    person = open_page("laptop")
    page = person.open(f"/orders/{reference}")
    size = page.locator("[data-zoom]")
    page.locator("[data-do=in]").click()
    expect(size.inner_text().startswith("125"), f"125 % after one press of +, not {size.inner_text()}")
    page.locator("[data-stage]").focus()
    person.press("+")
    expect(size.inner_text().startswith("156"), f"156 % after the key +, not {size.inner_text()}")
    corner = page.locator("[data-canvas]").get_attribute("viewBox")
    person.press("ArrowRight")
    expect(page.locator("[data-canvas]").get_attribute("viewBox") != corner, "an arrow to move the picture")
    page.locator("[data-do=whole]").click()
    expect(size.inner_text().startswith("100"), "the whole picture again")
    boxes = page.locator("[data-do=boxes]")
    boxes.click()
    expect(page.locator("[data-boxes]").get_attribute("display") == "none", "the marks to go")
    boxes.click()
    expect(page.locator("[data-boxes]").get_attribute("display") is None, "the marks to come back")


def map_view(open_page, machine):
    """From a zone on the plan to its orders."""
    machine.order(0)
    for screen in ("phone", "laptop", "wall"):
        person = open_page(screen)
        page = person.open("/map" + ("?wall=1" if screen == "wall" else ""))
        person.see("svg.plan", "a floor plan")
        if screen != "wall":
            page.locator("a.zone-link[data-key=zone-Z1]").focus()
            person.press("Enter")
            person.see("#zone tbody a", "the open orders of the zone").click()
            person.see("h2#evidence", "the order that was chosen in the zone")
        person.leave()


def map_edit(open_page, machine):
    """Draws a zone by keys alone and one by mouse, keeps them with a reason, and sees them on the map."""
    mark = uuid.uuid4().hex[:6].upper()
    keys(open_page("laptop"), f"K{mark}")
    mouse(open_page("laptop"), f"M{mark}")


def editor(person):
    page = person.open("/map")
    page.locator("a[data-key^=edit-]").first.click()
    person.until("() => document.querySelectorAll('#zones button').length > 0", "the editor to load the zones")
    return page


def keys(person, name):
    page = editor(person)
    page.locator("#canvas").focus()
    person.press("d")
    for path in ((), ("ArrowRight",) * 2, ("ArrowDown",) * 2, ("ArrowLeft",) * 2):
        person.press(*path, "Enter")
    person.press("ArrowUp", "ArrowUp", "Enter")
    focus = "() => document.activeElement?.id === 'zone-id'"
    person.until(focus, "the first corner once more to close the outline, and the zone's id to be asked for")
    person.press("Control+a")
    page.keyboard.type(name)
    person.press("Tab")
    page.keyboard.type(f"By keys {name}")
    for _ in range(60):
        if page.evaluate("() => document.activeElement?.id === 'reason'"):
            break
        person.press("Tab")
    expect(page.evaluate("() => document.activeElement?.id === 'reason'"), "Tab to reach the reason")
    page.keyboard.type("A new cell")
    person.press("Enter")
    on_map(person, name)


def mouse(person, name):
    page = editor(person)
    page.locator("#draw").click()
    box = page.locator("#canvas").bounding_box()
    for x, y in ((0.47, 0.46), (0.53, 0.46), (0.53, 0.53), (0.47, 0.53)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.locator("#close").click()
    page.locator("#zone-id").fill(name)
    page.locator("#zone-name").fill(f"By mouse {name}")
    page.locator("#reason").fill("Another new cell")
    page.locator("#save").click()
    on_map(person, name)


def on_map(person, name):
    person.until("() => !document.querySelector('#changed') || document.querySelector('#changed').hidden", "the zones to be kept")
    person.open("/map")
    person.see(f"a[data-key=zone-{name}]", f"zone {name} on the map")


def cameras(open_page, machine):
    """Sees what a camera sees, how it stands and how long a frame takes, and why another one is in trouble."""
    for screen in ("phone", "laptop"):
        number = machine.frame("press-camera", "good-plate.jpg")
        person = open_page(screen)
        page = person.open("/cameras")
        press = person.see("section.camera", "the camera at the press, connected", re.compile("press-camera.*CAM-01: Connected", re.S))
        picture = press.get_by_role("img", name="Newest frame of press-camera")
        expect(f"number={number}" in picture.get_attribute("src"), f"frame {number}, not {picture.get_attribute('src')}")
        expect(picture.evaluate("e => e.decode().then(() => e.naturalWidth)") == 1280, "the frame as it came")
        for kind, wanted in (("Received", number), ("Without a defect, counted", number), ("With a defect, reported", 0)):
            count = cells(press, kind)
            expect(count == [str(wanted)], f"{wanted} frames: {kind}, not {count}")
        whole = [float(cell) for cell in cells(press, "From capture to acceptance")]
        expect(len(whole) == 3 and 0 < whole[0] <= whole[1] <= whole[2], f"three times of a whole frame, not {whole}")
        shadow = press.inner_text()
        expect("shapes 2" in shadow and "shapes 1" in shadow, "the model and its shadow by name and version")
        expect(press.locator(".problem").count() == 0, "no problem of a camera that has none")
        capping = person.see("section.camera", "the camera in trouble", "capping-camera")
        for words in ("No model looks at the frames: ", "No frames come: ", "CAM-06: Not connected", "No frame yet"):
            expect(words in capping.inner_text(), f"the camera in trouble to say {words!r}, not {capping.inner_text()}")
        if screen == "laptop":
            again(person, machine)
        person.leave()


def cells(section, name):
    """The numbers of a table's row."""
    row = section.locator("tbody tr").filter(has=section.page.get_by_role("cell", name=name, exact=True))
    return row.locator("td.number").all_inner_texts()


def again(person, machine):
    """A further frame appears by itself, until the page is held."""
    shown = "number => document.querySelector(`img[src$='number=${number}']`)"
    number = machine.frame("press-camera", "scratch.jpg")
    person.until(shown, f"frame {number} to appear by itself", number)
    person.page.get_by_role("link", name="Hold the page").press("Enter")
    person.see("main", "the page to be held", "The page stands still")
    person.page.evaluate("() => { window.isSame = true }")
    machine.frame("press-camera", "good-plate.jpg")
    person.page.wait_for_timeout(11_000)
    expect(person.page.evaluate("() => window.isSame"), "no reload of a page that is held")
    person.page.get_by_role("link", name="Let it come again").press("Enter")
    person.see("main", "the page to come again", "comes again every ten seconds")


def desk(open_page, machine):
    """A technician's order on a phone: starts, notes, sends a photo, loses the network, and closes."""
    reference = machine.order(3 if machine.report(3).get("order") else 1)
    person = open_page("phone", worker=True)
    page = person.open("/desk")
    person.see("h1", "the desk")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    person.open(f"/desk/{reference}")
    start = page.locator("form[data-step=start] button")
    if start.count():
        start.click()
        person.until("() => !document.querySelector('form[data-step=start]')", "the order to be under way")
    note(person, f"Looked at it {reference}")
    page.locator("form[data-step=photos] input[type=file]").set_input_files(dot())
    page.locator("form[data-step=photos] button").click()
    person.see(".desk-photos img", "the photo on the page")
    offline(person, reference)
    form = page.locator("form[data-step=close]")
    form.locator("input[name=hours]").fill("0.5")
    pick(form, "cause", "WEAR")
    pick(form, "remedy", "REPLACED")
    form.locator("textarea[name=notes]").fill("Cleaned the nozzle.")
    form.locator("input[name=verdict]").first.check()
    form.locator("button.main").click()
    person.until("() => !document.querySelector('form[data-step=close]')", "the order to be closed")
    person.see("main", "what was done, on the closed order", "Cleaned the nozzle.")


def pick(form, name, code):
    """A code that is offered, or the other one, typed."""
    offered = form.locator(f"input[name={name}]")
    if offered.count() > 1:
        offered.first.check()
    else:
        offered.last.check()
        form.locator(f"input[name={name}Other]").fill(code)


def note(person, text):
    person.page.locator("form[data-step=note] textarea").fill(text)
    person.page.locator("form[data-step=note] button").click()
    person.see(".desk-note", "the note on the page", text)


def offline(person, reference):
    """Without a network a note waits on the phone; with one it arrives, once."""
    page, text = person.page, f"Without a network {uuid.uuid4().hex[:8]}"
    person.open(f"/desk/{reference}")
    person.context.set_offline(True)
    page.locator("form[data-step=note] textarea").fill(text)
    page.locator("form[data-step=note] button").click()
    person.see("[data-outbox]", "the note to wait on the phone", "1 step waits")
    person.context.set_offline(False)
    person.see(".desk-note", "the note to arrive when there is a network", text)
    person.until("() => document.querySelector('[data-outbox]').hidden", "nothing to wait any more")
    # What the browser complained of while there was no network may be told late.
    person.found[:] = [found for found in person.found if "ERR_INTERNET_DISCONNECTED" not in found]
    person.open(f"/desk/{reference}")
    count = page.locator(".desk-note").filter(has_text=text).count()
    expect(count == 1, f"the note once, not {count} times")

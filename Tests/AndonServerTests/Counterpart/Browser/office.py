"""The tasks in the office: rules, connectors, the ledger, accounts, reports and charts, and the way in."""

import uuid

from person import expect


def rules(open_page, machine):
    """Changes the lowest confidence of a class in a draft, tries it on the past, puts it in force, and returns to version 1."""
    person = open_page("laptop")
    page = person.open("/rules")
    page.locator("form[action='/rules/drafts'] button").click()
    person.see("h2", "a draft", "Change")
    page.locator("ul.places a").filter(has_text="dent").first.click()
    field = page.locator("input[name=minConfidence]")
    before = field.input_value()
    field.fill("2")
    page.locator("form.fields button.main").click()
    person.see("[aria-invalid=true]", "a confidence of 2 to be refused at its place")
    expect(page.locator("input[name=minConfidence]").input_value() == "2", "what was typed to come back")
    wanted = "0.55" if before != "0.55" else "0.66"
    page.locator("input[name=minConfidence]").fill(wanted)
    page.locator("form.fields button.main").click()
    person.see("main", "the difference in the draft", wanted)
    page.locator("form[action$='backtest'] button, form[action*='backtest#'] button").first.click()
    person.see("dl.counts", "what the draft would have done")
    page.locator("form[action$='submit'] textarea").fill("Dents were too seldom seen")
    page.locator("form[action$='submit'] button.main").click()
    person.see(".done", "the draft to be in force")
    person.open("/rules")
    person.see("table.levels tr", "the new confidence in force", wanted)
    person.open("/rules/history")
    expect(page.locator("tbody tr").count() >= 2, "both versions in the history")
    page.locator("tbody a").last.click()
    page.locator("form[action$='return'] button").click()
    person.see("form[action$='submit'] textarea", "a draft of the first version").fill("Back to the first ones")
    page.locator("form[action$='submit'] button.main").click()
    person.see(".done", "the first version's rules to be in force again")
    person.leave()
    person = open_page("phone")
    person.open("/rules")
    person.see("h1", "the rules on a phone")


def connectors(open_page, machine):
    """Opens a connector, sees what an order would be there, and has it checked."""
    reference = machine.order(4)
    for screen in ("phone", "laptop"):
        person = open_page(screen)
        page = person.open("/connectors")
        page.locator(".card h2 a").filter(has_text="desk").click()
        page.locator("input[name=order]").fill(reference)
        page.get_by_role("button", name="Show").click()
        person.see("pre, table", "the preview of the order's request")
        check = page.locator("form[action$='check'] button")
        check.click()
        person.see("h2", "the report of the check", "Check")
        person.leave()


def dead_letters(open_page, machine):
    """A system refuses an order: it is seen why, sent again with a reason, and arrives; once from each page that says so."""
    for screen, name in (("laptop", "missing_tooth"), ("phone", "porosity")):
        reference = machine.refused("LATHE-09", name)
        person = open_page(screen)
        page = person.open("/connectors")
        person.see(".card .tag.bad", "the connectors to say that something needs a person")
        page.locator(".card h2 a").filter(has_text="plain").click()
        person.see("tbody tr", "the dead letter with the system's own words", "the functional location is not there")
        row = page.locator("tbody tr").filter(has=page.locator("form")).filter(has_text=reference)
        if screen == "laptop":
            row.locator("input[name=reason]").fill("The location is there now")
            row.get_by_role("button", name="Send again").click()
            person.see(".done", "that it is sent again", "sent again")
        else:
            row.locator("th a").click()
            person.see("section.problem h2#dead", "the order's page to say that its system does not take it")
            form = page.locator("form[action$='/retry']")
            form.locator("input[name=reason]").fill("The location is there now")
            form.locator("button.main").click()
            person.see("#transmission", "the order's attempts after sending it again")
        machine.arrives(reference)
        page = person.open(f"/orders/{reference}")
        expect(page.locator("#dead").count() == 0, "no dead letter any more")
        person.see("main .tag.good", "the order to be in its system")
        page = person.open("/connectors/plain")
        still = page.locator("tbody tr").filter(has=page.locator("form")).filter(has_text=reference)
        expect(still.count() == 0, "the connector to have no dead letter any more")
        person.leave()


def audit(open_page, machine):
    """Looks for an order's entries, opens one, and has the whole ledger verified."""
    reference = machine.order(0)
    person = open_page("laptop")
    page = person.open("/audit")
    page.locator("input[name=subject]").fill(f"order/{reference}")
    page.locator("form[action='/audit'] button.main").click()
    if page.locator("tbody tr").count() == 0:
        page.locator("input[name=subject]").fill(reference)
        page.locator("form[action='/audit'] button.main").click()
    person.see("tbody th a", "entries of the order").click()
    person.see("dl.facts", "the entry", reference)
    person.open("/audit/verify")
    page.locator("form[action='/audit/verify'] button").click()
    person.see("main .done", "the verification to end well, by itself")


def accounts(open_page, machine):
    """Makes a key, sees it once, and takes it back."""
    person = open_page("laptop")
    name = f"camera {uuid.uuid4().hex[:8]}"
    make_key(person, name, ["report"])
    page = person.open("/accounts/keys")
    expect(page.locator(".code").count() == 0, "a key to be seen once only")
    row = page.locator("tbody tr").filter(has_text=name)
    row.locator("summary").click()
    row.locator("input[name=reason]").fill("It was a trial")
    row.locator("button.bad").click()
    person.see(".done", "the key to be taken back")
    person.see("tbody tr", "the key to be marked", name)
    expect(page.locator("tbody tr").filter(has_text=name).locator(".tag.bad").count() == 1, "the key marked as taken back")
    person.leave()
    person = open_page("phone")
    person.open("/accounts")
    person.see("table", "the accounts on a phone")


def make_key(person, name, permissions):
    page = person.open("/accounts/keys")
    if page.locator("details[open] input[name=name]").count() == 0:
        page.locator("details > summary").first.click()
    page.locator("input[name=name]").fill(name)
    for word in ("read", "report", "work", "plan", "tune", "audit", "retain", "administer"):
        box = page.locator(f"input[name=may-{word}]")
        if box.count():
            box.set_checked(word in permissions)
    page.locator("form[action='/accounts/keys'] button.main").click()
    return person.see(".done .code", "the new key").inner_text().strip()


def entry(open_page, machine, login, password):
    """A wrong password is refused with words, the right one lets in; the language changes; signing out ends it."""
    for screen in ("phone", "laptop"):
        person = open_page(screen, signed_in=False)
        page = person.open("/sign-in?next=%2Forders")
        page.get_by_label("Login").fill(login)
        page.get_by_label("Password").fill("not the password")
        page.locator("button.main").click()
        person.see("[role=alert]", "a wrong password to be refused with words")
        expect(page.locator("input[name=login]").input_value() == login, "the login name to come back")
        # The console tells of the refusal, which was asked for.
        person.found[:] = [fault for fault in person.found if "Failed to load resource" not in fault]
        page.get_by_label("Password").fill(password)
        page.locator("button.main").click()
        person.see("table.orders, #list", "the page that was asked for, after signing in")
        page.locator(".who button[value=de]").click()
        person.until("() => document.documentElement.lang === 'de'", "the page in German")
        page.locator(".who button[value=en]").click()
        person.until("() => document.documentElement.lang === 'en'", "the page in English again")
        page.locator("form[action='/sign-out'] button").click()
        person.see("input[name=password]", "the sign-in page after signing out")
        person.page.goto(person.address + "/orders")
        person.see("input[name=password]", "the orders to ask for signing in again")
        person.leave()


def learn(open_page, machine):
    """Opens a question and narrows it."""
    for screen in ("phone", "laptop"):
        person = open_page(screen)
        page = person.open("/learn")
        page.locator("nav.questions a").nth(1).click()
        person.see("h1", "a question")
        page.locator("main form[role=search] input[name=asset]").fill("PRESS-07")
        page.locator("main form[role=search] button.main").click()
        expect("asset=PRESS-07" in page.url, "the filter in the address")
        expect(page.locator("main input[name=asset]").input_value() == "PRESS-07", "the filter to stay in its field")
        expect(page.locator("main .problem").count() == 0, "the filter to be taken")
        person.leave()


def spc(open_page, machine):
    """A stream from its baseline to limits in force, a point beyond them, its cause, and new limits without that point."""
    machine.points("WELD-05", "CAM-05", "scratch", [5, 7, 4, 6, 5, 8, 3, 6, 5, 4, 7, 6, 5, 5, 6, 4, 7, 5, 6, 3, 8, 5, 4, 6])
    person = open_page("laptop")
    page = person.open("/charts?asset=WELD-05")
    person.see(".card", "the stream in words", "Welding cell 5 (WELD-05)")
    person.see(".card .tag", "a stream without limits yet", "no limits yet")
    page.locator(".card h2 a").first.click()
    person.see("dl.facts dd", "how far the baseline is", "24 of 25 samples")
    person.see("h2#causes", "a stream with its causes")
    expect(page.locator("th .tag.good").count() == 0, "no limits in force before the baseline is there")

    machine.points("WELD-05", "CAM-05", "scratch", [6])
    page.reload()
    person.see("h1 .tag", "the process in control, by limits of its own", "in control")
    person.see("th", "the first limits in force", "in force")
    machine.points("WELD-05", "CAM-05", "scratch", [5, 30])
    page.reload()
    person.see("h1 .tag", "a point far beyond the limits", "out of control")
    person.see("svg.chart-large", "the chart")
    page.locator("#points ~ .scroll a[href*='from=27']").click()
    expect(page.locator("#new-cause input[name=from]").input_value() == "27", "the point in the form of its cause")
    page.locator("#new-cause input[name=cause]").fill("A loose guide")
    page.locator("#new-cause button.main").click()
    person.see("#causes ~ .scroll td", "the cause in the list", "A loose guide")

    form = page.locator("#new-limits")
    form.locator("input[name=from]").fill("1")
    form.locator("input[name=to]").fill("27")
    form.locator("textarea[name=excluded]").fill("27 A loose guide")
    form.locator("button[value=trial]").click()
    person.see("#new-limits h4", "what the limits would be")
    page.locator("#new-limits input[name=reason]").fill("More points, without the loose guide")
    page.locator("#new-limits button[value=apply]").click()
    second = "() => [...document.querySelectorAll('th .tag.good')].some(tag => /^2/.test(tag.parentElement.textContent.trim()))"
    person.until(second, "the second limits in force")
    person.leave()
    person = open_page("phone")
    page = person.open("/charts?asset=WELD-05")
    page.locator(".card h2 a").first.click()
    person.see("#causes ~ .scroll td", "the cause on a phone", "A loose guide")

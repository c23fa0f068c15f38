"""One live connection for all tabs, what is shown after it was lost, and what tells that somebody waits."""

from playwright.async_api import BrowserContext, Page, Request, expect

from tests.browser.conftest import Place, open_thread

WATCH = """() => {
  window.told = [];
  window.Notification = class { constructor(title) { window.told.push(title); } close() {} static permission = 'granted'; };
  const Real = window.AudioContext;
  window.AudioContext = class extends Real { constructor() { super(); window.told.push('chime'); } };
  Object.defineProperty(document, 'hidden', { get: () => true });
}"""


class Streams:
    """The event streams that the tabs of a browser have open."""

    def __init__(self, context: BrowserContext) -> None:
        self._open: dict[Request, Page] = {}
        context.on("request", self._begins)
        context.on("requestfinished", self._ends)
        context.on("requestfailed", self._ends)

    @property
    def tabs(self) -> list[Page]:
        return [page for page in self._open.values() if not page.is_closed()]

    def _begins(self, request: Request) -> None:
        if "/api/v1/events" in request.url:
            self._open[request] = request.frame.page

    def _ends(self, request: Request) -> None:
        self._open.pop(request, None)


async def tab(context: BrowserContext, place: Place, troubles: list[str]) -> Page:
    page = await context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    await page.goto(place.house.url)
    await expect(page.locator(".row")).to_have_count(1)
    return page


async def test_all_tabs_share_one_connection_and_another_takes_over_when_its_tab_closes(place: Place) -> None:
    await place.waiting()
    leader = await place.page()
    streams = Streams(leader.context)
    await leader.goto(place.house.url)
    await expect(leader.locator(".row")).to_have_count(1)
    followers = [await tab(leader.context, place, place.troubles) for _ in range(2)]
    await place.waiting("Wei Chen")
    for page in (leader, *followers):
        await expect(page.locator(".row")).to_have_count(2)
    assert streams.tabs == [leader]
    await leader.close()
    await place.house.until(lambda: len(streams.tabs) == 1 and streams.tabs[0] in followers, seconds=60)
    await place.waiting("Siti Aminah")
    for page in followers:
        await expect(page.locator(".row")).to_have_count(3)


async def test_after_a_lost_connection_a_tab_shows_what_it_missed(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await page.context.set_offline(True)
    await expect(page.locator(".strip")).to_be_visible()
    customer.write("Written into the silence")
    await place.waiting("Wei Chen")
    await page.context.set_offline(False)
    await expect(page.locator(".by-customer", has_text="Written into the silence")).to_be_visible()
    await expect(page.locator(".row")).to_have_count(2)
    await expect(page.locator(".strip")).to_have_count(0)


async def test_a_tab_recovers_when_the_server_comes_back_as_another_process(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    async with place.house.web.away():
        await expect(page.locator(".strip")).to_be_visible()
    customer.write("Are you back?")
    await expect(page.locator(".by-customer", has_text="Are you back?")).to_be_visible()
    await expect(page.locator(".strip")).to_have_count(0)


async def test_who_waits_is_told_by_the_title_a_notification_and_a_sound(place: Place) -> None:
    page = await place.page()
    await page.add_init_script(f"({WATCH})(); localStorage.setItem('replydesk.alerts', 'true')")
    await page.goto(place.house.url)
    await expect(page.get_by_text("Nobody waits")).to_be_visible()
    await place.waiting()
    await expect(page.locator(".row")).to_have_count(1)
    told = ["Olha Petrenko waits for a person", "chime"]
    await place.house.until(lambda: _is(page, "window.told", told), seconds=60)
    await place.house.until(lambda: _is(page, "document.title.slice(0, 4)", "(1) "), seconds=60)


async def _is(page: Page, expression: str, wanted: object) -> bool:
    return bool(await page.evaluate(expression) == wanted)

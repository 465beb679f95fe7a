"""Files, links and data as people use them: attach and ask, share and take back, bring in twice, take out, leave."""

import base64
import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.api.chatgpt_export import conversation, zipped
from tests.e2e.axe import violations
from tests.e2e.conftest import sentence
from tests.e2e.steps import PASSWORD, answers, ask, composer, expect_answers, press, register
from tests.files import pdf, picture

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
EMULATED = True

PASTE = """([data]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], "вставлено.png", { type: "image/png" }));
  const field = document.getElementById("composer");
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true }));
}"""
DROP = """() => {
  const files = new DataTransfer();
  files.items.add(new File(["заметки"], "брошено.md", { type: "text/markdown" }));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
}"""


def named(page: Page, key: str, name: str) -> None:
    page.get_by_role("button", name=sentence(key, name=name)).click()


def test_files_are_attached_asked_about_and_shared(
    open_page: Callable[..., Page], browser: Browser, server: str
) -> None:
    page = open_page(color_scheme="dark")
    register(page)
    page.locator("input[type=file][multiple]").set_input_files(
        [
            FilePayload(name="отчёт.pdf", mimeType="application/pdf", buffer=pdf("Hello")),
            FilePayload(name="virus.exe", mimeType="application/octet-stream", buffer=b"\x7fELF" + bytes(200)),
        ]
    )
    page.evaluate(PASTE, [base64.b64encode(picture(size=(600, 400))).decode()])
    page.evaluate(DROP)
    tray = page.get_by_role("list", name=sentence("files.pending")).get_by_role("listitem")
    expect(tray).to_have_count(4)
    expect(page.get_by_text(sentence("errors.FILE_TYPE_UNSUPPORTED"))).to_be_visible()
    assert violations(page) == []
    named(page, "files.remove", "virus.exe")
    named(page, "files.remove", "брошено.md")
    expect(page.get_by_text(sentence("files.blind", name="GPT-3.5 Turbo"))).to_be_visible()
    expect(page.get_by_text(sentence("files.allReady"))).to_have_count(1)
    composer(page).fill("Что это?")
    page.reload()
    expect(tray).to_have_count(2)
    press(page, "chat.chooseModel")
    page.get_by_role("option").filter(has_text="GPT-4o mini").first.click()
    expect(composer(page)).to_have_value("Что это?")
    composer(page).press("Enter")
    expect_answers(page, 1)
    expect(tray).to_have_count(0)
    question = page.get_by_role("article", name=sentence("chat.you"))
    expect(question.locator("img")).to_have_count(1)
    named(page, "files.enlarge", "вставлено.png")
    expect(page.get_by_role("dialog").get_by_role("img", name="вставлено.png")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    expect(answers(page)).to_contain_text("отчёт.pdf")
    expect(question.locator("img")).to_have_count(1)

    # Enter need not wait for a file: the message goes with it as soon as it is there.
    page.evaluate(DROP)
    composer(page).fill("А это?")
    composer(page).press("Enter")
    expect_answers(page, 2)
    expect(question.filter(has_text="А это?")).to_contain_text("брошено.md")

    press(page, "chat.menu")
    page.get_by_role("menuitem", name=sentence("chat.share")).click()
    press(page, "sharing.create")
    link = page.get_by_role("link", name=sentence("sharing.open"))
    address = link.get_attribute("href") or ""
    assert violations(page) == []
    stranger = browser.new_context(base_url=server, locale="ru-RU").new_page()
    problems: list[str] = []
    stranger.on("pageerror", lambda error: problems.append(str(error)))
    stranger.goto("/share/" + address.partition("/share/")[2])
    expect(stranger.get_by_role("heading", name="Что это?")).to_be_visible()
    expect(stranger.locator("article img").first).to_be_visible()
    assert "Анна" not in stranger.content()
    assert stranger.locator('meta[name="robots"]').get_attribute("content") == "noindex, nofollow"
    assert violations(stranger) == []
    press(stranger, "sharing.goOn")
    expect(stranger.get_by_role("button", name=sentence("auth.login"))).to_be_visible()
    press(page, "sharing.revoke")
    expect(page.get_by_text(sentence("sharing.none"))).to_be_visible()
    stranger.goto("/share/" + address.partition("/share/")[2])
    expect(stranger.get_by_role("heading", name=sentence("sharing.gone"))).to_be_visible()
    assert problems == []
    stranger.context.close()


def test_data_comes_in_once_goes_out_and_is_deleted(open_page: Callable[..., Page]) -> None:
    page = open_page()
    email = register(page)
    export = zipped(conversation(), conversation("Собаки"), {"title": "Сломанный"})
    page.goto("/settings")
    chosen = page.get_by_label(sentence("data.import"))
    for imported, there in ((2, 0), (0, 2)):
        chosen.set_input_files({"name": "chatgpt.zip", "mimeType": "application/zip", "buffer": export})
        expect(page.get_by_text(re.compile(f"Добавлен.? {imported} "))).to_be_visible()
        if there:
            expect(page.get_by_text(f"{there} уже были здесь")).to_be_visible()
    expect(page.get_by_text("1 не удалось прочитать")).to_be_visible()
    assert violations(page) == []
    with page.expect_download() as archive:
        press(page, "data.exportButton")
    assert archive.value.suggested_filename.startswith("ai-chat-")
    page.get_by_role("link", name="Кошки").click()
    expect(page.get_by_text("Потому что рады.")).to_be_visible()
    with page.expect_download() as text:
        press(page, "chat.menu")
        page.get_by_role("menuitem", name=sentence("chat.exportJson")).click()
    assert json.loads(text.value.path().read_text())["title"] == "Кошки"
    ask(page, "А вы?")
    expect_answers(page, 2)

    page.goto("/settings")
    press(page, "data.deleteButton")
    field = page.get_by_role("dialog").get_by_label(sentence("auth.password"))
    field.fill("wrong password")
    press(page, "data.deleteConfirm")
    expect(page.get_by_text(sentence("errors.WRONG_PASSWORD"))).to_be_visible()
    field.fill(PASSWORD)
    press(page, "data.deleteConfirm")
    expect(page.get_by_role("button", name=sentence("auth.login"))).to_be_visible()
    page.get_by_label(sentence("auth.email")).fill(email)
    page.get_by_label(sentence("auth.password"), exact=True).fill(PASSWORD)
    press(page, "auth.login")
    expect(page.get_by_text(sentence("errors.INVALID_CREDENTIALS"))).to_be_visible()

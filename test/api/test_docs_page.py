"""/docs in a browser: it shows the calls and tries them with a key and with a token, under its policy and without asking another host."""
import os
import uuid

import pytest
from browser import Browser
from host import Caller, until


@pytest.fixture
def page(product, tmp_path, request):
    with Browser(tmp_path / "profile") as browser:
        browser.call("Page.navigate", url=product.url + "/docs")
        until(lambda: browser.text("#operations-chat-chat"))
        yield browser
        if os.environ.get("CHATIFIX_SCREENSHOTS"):
            browser.screenshot(os.path.join(os.environ["CHATIFIX_SCREENSHOTS"], request.node.name + ".png"))


def authorize(page, field, value):
    """Types the value into the field of the dialog; presses its form's own button, then closes the dialog."""
    page.click(".auth-wrapper .btn.authorize")
    until(lambda: page.text(".dialog-ux") and page.evaluate("!!document.querySelector('%s')" % field))
    page.type(field, value)
    page.evaluate("document.querySelector('%s').closest('.auth-container').querySelector('.btn.authorize').click()" % field)
    page.click(".dialog-ux .close-modal")
    until(lambda: page.text(".dialog-ux") is None)


def execute(page, operation):
    """Tries the call as the page fills it in; the status and body shown."""
    block = "#operations-" + operation
    page.click(block + " .opblock-summary-control")
    until(lambda: page.text(block + " .try-out__btn"))
    page.click(block + " .try-out__btn")
    until(lambda: page.text(block + " .btn.execute"))
    page.click(block + " .btn.execute")
    shown = block + " .live-responses-table .response "
    until(lambda: page.text(shown + ".response-col_status"))
    return page.text(shown + ".response-col_status"), until(lambda: page.text(shown + ".highlight-code") or page.text(shown + ".microlight"))


def test_page_tries_calls(product, page, tenant):
    tenant.session.post("/api/v1/knowledge/text", json={"title": "Return policy of herons", "content": "Herons come back within 30 days."})
    with Caller(product.url) as caller:
        mail = "%s@example.com" % uuid.uuid4().hex
        token = caller.post("/api/v1/auth/register", json={"name": "C", "email": mail, "password": "six wet herons wade"}).json()["access_token"]
    authorize(page, "#api_key_value", tenant.key)
    status, body = execute(page, "knowledge-listDocuments")
    assert status.startswith("200") and "Return policy of herons" in body, body
    # Both are sent to most calls; the account calls take the token, which belongs to another company here and may make keys.
    authorize(page, "#auth-bearer-value", token)
    status, body = execute(page, "accounts-createApiKey")
    assert status.startswith("201") and "cfx_" in body, body
    assert page.complaints == []
    assert [asked for asked in page.requests if not asked.startswith((product.url + "/", "data:"))] == []


def test_page_is_complete(product, page):
    """Every operation is there, in the groups of the document; the schemas are closed."""
    with Caller(product.url) as caller:
        document = caller.get("/openapi.json").json()
    wanted = {"operations-%s-%s" % (o["tags"][0], o["operationId"]) for item in document["paths"].values() for o in item.values()}
    assert set(page.evaluate("Array.from(document.querySelectorAll('.opblock'), e => e.id)")) == wanted
    assert page.evaluate("Array.from(document.querySelectorAll('.opblock-tag'), e => e.dataset.tag)") == [tag["name"] for tag in document["tags"]]
    assert page.evaluate("document.querySelectorAll('.model-container').length") == 0
    assert page.complaints == []


def test_links_of_the_first_steps_open_their_call(page):
    links = page.evaluate("Array.from(document.querySelectorAll('.info a[href^=\"#\"]'), e => e.getAttribute('href'))")
    assert "#/accounts/register" in links and "#/chat/chat" in links
    page.click(".info a[href='#/chat/chat']")
    until(lambda: page.evaluate("Math.abs(document.querySelector('#operations-chat-chat').getBoundingClientRect().top) < 100"))
    for link in links:
        page.click(".info a[href='%s']" % link)
        until(lambda: page.text("#operations-" + link[2:].replace("/", "-") + " .try-out__btn"))

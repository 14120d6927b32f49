"""The fixtures that most tests use: one server for a whole run, and companies of their own on it."""
import pytest
from host import Caller, Host, register_owner


class Tenant:
    """A company with a key: `session` calls with it, relative to the server's `url`; `token` is its owner's."""

    def __init__(self, url):
        self.url = url
        made, self.token = register_owner(url)
        self.key, self.key_id = made["api_key"], made["id"]
        self.session = Caller(url, self.key)


@pytest.fixture(scope="session")
def product(tmp_path_factory):
    with Host(tmp_path_factory.mktemp("product") / "data") as host:
        yield host


def tenants(url):
    made = []

    def new():
        made.append(Tenant(url))
        return made[-1]
    yield new
    for tenant in made:
        tenant.session.close()


new_tenant = pytest.fixture(lambda product: (yield from tenants(product.url)), name="new_tenant")
new_module_tenant = pytest.fixture(lambda product: (yield from tenants(product.url)), name="new_module_tenant", scope="module")


@pytest.fixture
def tenant(new_tenant):
    return new_tenant()


@pytest.fixture(scope="module")
def module_tenant(new_module_tenant):
    return new_module_tenant()

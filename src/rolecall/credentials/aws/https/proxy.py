"""Which proxy stands between here and an address; the environment is read as Python's `urllib` does."""

from rolecall.credentials.aws.https import url as urls
from rolecall.credentials.aws.query.errors import AwsUnreachableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.credentials.aws.https.url import Url


def of(url: "Url", environ: "Mapping[str, str]") -> "Url | None":
    """Return the proxy for `url`, or None. Raises AwsUnreachableError for one that is no http address."""
    named = _value(environ, f"{url.scheme}_proxy")
    if not named or is_direct(url, _value(environ, "no_proxy")):
        return None
    text = named if "://" in named else f"http://{named.lstrip('/')}"
    try:
        return urls.parse(text)
    except ValueError as problem:
        shown = text.rpartition("@")[2].partition("?")[0]
        raise AwsUnreachableError("proxy-failed", str(problem)).at(url.text, shown) from None


def authorization(proxy: "Url") -> dict[str, str]:
    """Return the header that names the user of the proxy's address, or none."""
    if not proxy.userinfo:
        return {}
    from binascii import b2a_base64
    from urllib.parse import unquote_to_bytes

    user, _, password = proxy.userinfo.partition(":")
    plain = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return {"proxy-authorization": f"Basic {b2a_base64(plain, newline=False).decode()}"}


def is_direct(url: "Url", exceptions: str) -> bool:
    """Whether `exceptions` (NO_PROXY) names the host of `url`: itself, its end, its port, its network."""
    names = [name.strip().lower().lstrip(".") for name in exceptions.split(",")]
    return any(_fits(url, name) for name in names if name)


def _fits(url: "Url", name: str) -> bool:
    if name == "*" or name.strip("[]") == url.host:
        return True
    if "/" in name:
        return _is_inside(url.host, name)
    suffix = f".{name}"
    return name == url.host_and_port or url.host.endswith(suffix) or url.host_and_port.endswith(suffix)


def _is_inside(host: str, network: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _value(environ: "Mapping[str, str]", name: str) -> str:
    return environ.get(name) or environ.get(name.upper()) or ""

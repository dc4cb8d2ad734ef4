"""The settings of STS that stand in the AWS config file: CA bundle, FIPS, endpoint, region.

Reads the plain `key = value` lines of the default profile itself. The SDK, which alone understands the whole
file, is loaded only where that profile names `services`.
"""

import os

from rolecall.system.disk import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    import botocore.session

SETTINGS = {
    "ca_bundle": "AWS_CA_BUNDLE",
    "use_fips_endpoint": "AWS_USE_FIPS_ENDPOINT",
    "use_dualstack_endpoint": "AWS_USE_DUALSTACK_ENDPOINT",
    "sts_regional_endpoints": "AWS_STS_REGIONAL_ENDPOINTS",
    "region": "AWS_DEFAULT_REGION",
}
ENDPOINT = "endpoint_url"


def added(environ: "Mapping[str, str]") -> dict[str, str]:
    """Return `environ` with what the config file's default profile sets and `environ` does not."""
    path = environ.get("AWS_CONFIG_FILE") or f"{environ.get('HOME', '')}/.aws/config"
    found = _default_profile(files.read_text(os.path.expanduser(path)) or "")
    if "services" in found and not _names_endpoint(environ):
        from rolecall.credentials.aws import sdk

        return of_session(sdk.bare(environ), environ)
    given = {variable: found[name] for name, variable in SETTINGS.items() if found.get(name)}
    if found.get(ENDPOINT) and not _names_endpoint(environ):
        given["AWS_ENDPOINT_URL"] = found[ENDPOINT]
    return {**given, **{name: value for name, value in environ.items() if value or name not in given}}


def _default_profile(text: str) -> dict[str, str]:
    """Return the settings of `[default]`; a line that begins with a space belongs to the one before it."""
    found: dict[str, str] = {}
    is_within = False
    for line in text.split("\n"):
        if line.startswith("["):
            is_within = line[1:].partition("]")[0].split() in (["default"], ["profile", "default"])
        elif is_within and line[:1].isalpha():
            name, _, value = line.partition("=")
            found[name.strip().lower()] = value.strip()
    return found


def of_session(session: "botocore.session.Session", environ: "Mapping[str, str]") -> dict[str, str]:
    """Return `environ` with what the profile of `session` sets and `environ` does not."""
    found: dict[str, object] = {
        variable: session.get_config_variable(name)
        for name, variable in SETTINGS.items()
        if not environ.get(variable)
    }
    if not _names_endpoint(environ):
        found["AWS_ENDPOINT_URL_STS"] = _endpoint(session)
    given = {name: _text(value) for name, value in found.items() if value not in (None, "", False)}
    return {**environ, **given}


def _names_endpoint(environ: "Mapping[str, str]") -> bool:
    """Return whether the environment itself decides where STS is."""
    is_ignored = environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    return is_ignored or bool(environ.get("AWS_ENDPOINT_URL_STS") or environ.get("AWS_ENDPOINT_URL"))


def _endpoint(session: "botocore.session.Session") -> str | None:
    """Return the address of STS in the profile: that of `services` first, then the one for every service."""
    profile, whole = session.get_scoped_config(), session.full_config
    services = whole.get("services", {}).get(profile.get("services", ""), {})
    own = services.get("sts", {})
    found = (own.get(ENDPOINT) if isinstance(own, dict) else None) or profile.get(ENDPOINT)
    return str(found) if found else None


def _text(value: object) -> str:
    return "true" if value is True else str(value)

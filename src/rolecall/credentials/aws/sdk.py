"""An AWS SDK session that reads the environment it is given, not the process's own.

The only place where botocore is told what its environment is. Must not decide who assumes (sources does), or
touch os.environ: other threads read it.
"""

import functools
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rolecall.system.python import site_packages

if TYPE_CHECKING:
    import botocore.session

PROFILE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
OURS = ("sts", "sso", "sso-oidc")
PROXIED = ("http", "https", "no")
PROCESS_SECONDS = 15.0
BESIDE_FILES = ("env", "container-role", "iam-role")  # by botocore's own names
NO_FILES = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def bare(environ: Mapping[str, str]) -> "botocore.session.Session":
    """Return a session without an identity, for keys at hand.

    The AWS config file still says its CA bundle or FIPS; a profile that does not exist, or a file that
    cannot be parsed, is none of its business and ignored.
    """
    site_packages.allow()
    from botocore.exceptions import BotoCoreError

    plain = {name: value for name, value in environ.items() if name not in PROFILE}
    session = _session(plain, None)
    try:
        session.get_scoped_config()
    except BotoCoreError:
        session = _session(plain | NO_FILES, None)
    return session


def configured(environ: Mapping[str, str], *, profile: str | None = None) -> "botocore.session.Session":
    """Return a session to read the AWS config file with; one that cannot be parsed raises."""
    plain = {name: value for name, value in environ.items() if name not in PROFILE}
    return _session(plain, profile)


def resolving(
    environ: Mapping[str, str],
    *,
    profile: str | None,
    ask_mfa: Callable[[str], str],
    child_environ: Mapping[str, str],
    without_files: bool = False,
) -> "botocore.session.Session":
    """Return a session that resolves `profile`, or without one the SDK's own chain, in `environ`.

    `ask_mfa` answers botocore's question for an MFA code; `child_environ` is what a credential_process sees;
    `without_files` asks only whom the AWS files have no say in: the environment, a container, an instance.
    """
    session = _session(environ, profile)
    if environ.get("AWS_REGION") and not session.get_config_variable("region"):
        session.set_config_variable("region", environ["AWS_REGION"])  # botocore: AWS_DEFAULT_REGION alone
    providers = _providers(session, environ, ask_mfa, child_environ)
    if without_files:
        for method in [one.METHOD for one in providers.providers if one.METHOD not in BESIDE_FILES]:
            providers.remove(method)
    session.register_component("credential_provider", providers)
    return session


def endpoint(environ: Mapping[str, str], service: str) -> str | None:
    """Return the endpoint that `environ` names for `service` ("sts", "sso-oidc"), or None."""
    own = f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}"
    return environ.get(own) or environ.get("AWS_ENDPOINT_URL") or None


def _session(environ: Mapping[str, str], profile: str | None) -> "botocore.session.Session":
    site_packages.allow()
    import botocore.session
    from botocore.configprovider import ConfigChainFactory

    session = botocore.session.Session(profile=profile)
    store, factory = session.get_component("config_store"), ConfigChainFactory(session, environ=environ)
    for name, (in_file, variables, default, convert) in session.session_var_map.items():
        chain = factory.create_config_chain(
            instance_name=name,
            env_var_names=variables,
            config_property_names=in_file,
            default=default,
            conversion_func=convert,
        )
        store.set_config_provider(name, chain)
    session.create_client = functools.partial(_client, session.create_client, environ)
    return session


def _client(
    create: Callable[..., Any], environ: Mapping[str, str], service: str, *words: Any, **options: Any
) -> Any:
    """Create a client whose endpoint comes from `environ`: botocore looks for it in os.environ."""
    from botocore.config import Config

    options["endpoint_url"] = options.get("endpoint_url") or endpoint(environ, service)
    more = Config(proxies=_proxies(environ, options["endpoint_url"]))
    if options["endpoint_url"] is None and endpoint(os.environ, service):
        more = more.merge(Config(ignore_configured_endpoint_urls=True))
    options["config"] = options["config"].merge(more) if options.get("config") else more
    client = create(service, *words, **options)
    if service in OURS:
        client.meta.events.register("before-parse", _refuse_pages)
    return client


def _proxies(environ: Mapping[str, str], url: str | None) -> dict[str, str] | None:
    """Return the proxies of `environ`; None where they are the process's own, which botocore finds itself."""
    import urllib.request
    from urllib.parse import urlsplit

    def named(where: Mapping[str, str]) -> dict[str, str]:
        found = {kind: where.get(f"{kind}_proxy") or where.get(f"{kind.upper()}_PROXY") for kind in PROXIED}
        return {kind: value for kind, value in found.items() if value}

    wanted = named(environ)
    if wanted == named(os.environ):
        return None
    host = urlsplit(url).netloc if url else "amazonaws.com"
    bypass: Callable[..., bool] = vars(urllib.request)["proxy_bypass_environment"]  # typeshed lacks it
    is_direct = bypass(host, {"no": wanted.pop("no", "")})
    return {} if is_direct else wanted


def _refuse_pages(response_dict: Mapping[str, Any], **_more: Any) -> None:
    """Raise for what no AWS service answers: botocore would take a web page for an odd document."""
    from botocore.exceptions import ConnectionClosedError
    from botocore.parsers import ResponseParserError

    body, headers, status = response_dict["body"], response_dict["headers"], response_dict["status_code"]
    start = body[:200].lstrip().lower()
    is_page = start.startswith((b"<!doctype html", b"<html")) or "html" in headers.get("content-type", "")
    if is_page or 300 <= status < 400 or status == 511:  # noqa: PLR2004 - redirects, network sign-in
        raise ResponseParserError("<html> where AWS was expected")
    if headers.get("content-length", "").isdigit() and len(body) < int(headers["content-length"]):
        raise ConnectionClosedError(endpoint_url="")
    if status == 200 and b"Response" not in body[:400] and b"{" not in body[:400]:  # noqa: PLR2004 - OK
        raise ResponseParserError("neither XML nor JSON of AWS")


def _providers(
    session: Any, environ: Mapping[str, str], ask_mfa: Callable[[str], str], child_environ: Mapping[str, str]
) -> Any:
    """Return botocore's own chain of providers, each reading `environ`."""
    from botocore import credentials as known

    stock = known.create_credential_resolver(session)
    replaced = {
        known.EnvProvider.METHOD: known.EnvProvider(environ=environ),
        known.ContainerProvider.METHOD: _Explaining(known.ContainerProvider(environ=environ)),
    }
    builder = _Builder(session, known.ProfileProviderBuilder(session), child_environ)
    name = session.get_config_variable("profile") or "default"
    named = [*replaced.values(), stock.get_provider(known.InstanceMetadataProvider.METHOD)]
    assuming = known.AssumeRoleProvider(
        load_config=lambda: session.full_config,
        client_creator=session.create_client,
        cache={},
        profile_name=name,
        prompter=ask_mfa,
        credential_sourcer=known.CanonicalNameCredentialSourcer(named),
        profile_provider_builder=builder,
    )
    replaced |= {assuming.METHOD: assuming}
    replaced |= {provider.METHOD: provider for provider in builder.providers(name)}
    return known.CredentialResolver([replaced.get(one.METHOD, one) for one in stock.providers])


@dataclass(frozen=True, slots=True)
class _Builder:
    """A ProfileProviderBuilder whose credential_process runs in `environ`."""

    session: Any
    stock: Any
    environ: Mapping[str, str]

    def providers(self, profile_name: str, *, disable_env_vars: bool = True) -> list[Any]:
        """Return the providers for one profile, as botocore's builder does."""
        from botocore.credentials import ProcessProvider

        process = ProcessProvider(
            profile_name=profile_name,
            load_config=lambda: self.session.full_config,
            popen=functools.partial(_Patient, env=dict(self.environ), stdin=subprocess.DEVNULL),
        )
        stock = self.stock.providers(profile_name, disable_env_vars)
        return [_Explaining(process) if one.METHOD == process.METHOD else one for one in stock]


class _Patient(subprocess.Popen[bytes]):
    """A credential_process, which is ended where it does not answer: botocore would wait for ever."""

    def communicate(
        self,
        input: bytes | None = None,  # noqa: A002 - the name it has in Popen
        timeout: float | None = None,
    ) -> tuple[bytes, bytes]:
        """Return what it printed. Raises TimeoutError."""
        try:
            return super().communicate(input, timeout or PROCESS_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            self.wait()
            for pipe in filter(None, (self.stdout, self.stderr)):
                pipe.close()
            raise TimeoutError(f"no answer in {PROCESS_SECONDS:.0f} s") from None


@dataclass(frozen=True, slots=True)
class _Explaining:
    """A provider of the SDK that raises the SDK's own error where a program, a file or a key is missing."""

    stock: Any

    def __getattr__(self, name: str) -> Any:
        """Return what the provider has."""
        return getattr(self.stock, name)

    def load(self) -> Any:
        """Return the provider's credentials. Raises CredentialRetrievalError, not what it stumbled over."""
        from botocore.exceptions import BotoCoreError, CredentialRetrievalError

        try:
            return self.stock.load()
        except BotoCoreError:
            raise
        except (AttributeError, KeyError, OSError, TypeError, ValueError) as problem:
            says = f"{type(problem).__name__}: {problem}"
            raise CredentialRetrievalError(provider=self.stock.METHOD, error_msg=says) from problem

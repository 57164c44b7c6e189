# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SHELL: the one file that knows AnsibleModule, check mode, locks and how a file goes live."""

from __future__ import annotations

import codecs
import contextlib
import os
import shutil
import subprocess
import tempfile
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ._activation import Journal
from ._files import (
    install_file,
    locked,
    make_directory,
    private_directory,
    remove_file,
    require_lockable,
    set_attributes,
)
from ._plan import (
    Activate,
    Activation,
    FileAction,
    InstallFile,
    MakeDirectory,
    Outcome,
    Plan,
    RemoveFile,
    SetAttributes,
    stronger,
)
from ._postfix.instance import Instance, PostfixError

INSTANCE_OPTIONS: t.Final[dict[str, t.Any]] = {"config_directory": {"type": "path", "default": "/etc/postfix"}}
# Postfix's programs live in /usr/sbin, which is not on the PATH of every connection.
_PATH: t.Final = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"


class Module:
    """What a planner gets: its options, the Postfix instance, and a private directory for candidates."""

    def __init__(self, ansible: AnsibleModule) -> None:
        self.ansible = ansible
        self.options: dict[str, t.Any] = dict(ansible.params)
        provided = self.provided(self.options.get("provided", ()))
        types = frozenset(name for name in provided if name.isalnum())  # the others are tables, files and services
        self.postfix = Instance(self.run, self.options["config_directory"], promised=types)

    def run(self, argv: t.Sequence[str], data: bytes | None = None) -> tuple[int, str, str]:
        """Run a program in the C locale with *data* on its standard input."""
        done = subprocess.run(list(argv), input=data or b"", capture_output=True, env=_environment(), check=False)
        return done.returncode, _text(done.stdout), _text(done.stderr)

    @contextlib.contextmanager
    def output(self, argv: t.Sequence[str]) -> t.Iterator[t.IO[bytes]]:
        """Run a program and give its standard output to read while it runs; what is left unread ends the program.

        PostfixError when all was read and the program failed.
        """
        with tempfile.TemporaryFile() as errors:
            streams: t.Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": errors}
            with subprocess.Popen(list(argv), env=_environment(), **streams) as child:
                printed = t.cast("t.IO[bytes]", child.stdout)
                yield printed
                unread = printed.read(1)
            errors.seek(0)
            if child.returncode and not unread:
                reason = _text(errors.read(2000)).strip()
                raise PostfixError(f"{' '.join(argv[:4])} failed with exit status {child.returncode}: {reason}")

    def private_directory(self) -> str:
        """Return a new directory that only this user can enter; it goes with this program."""
        # Not AnsibleModule.tmpdir: a pipelined module may be the first on a host to make that one, and Ansible warns.
        return private_directory(tempfile.gettempdir())

    def secret_directory(self) -> str:
        """Return a new private directory for secrets, in memory, so that they reach no disk."""
        return private_directory("/run")

    def provided(self, names: t.Sequence[str]) -> frozenset[str]:
        """Return what counts as present: in check mode what earlier tasks would have made, otherwise nothing."""
        return frozenset(names) if self.ansible.check_mode else frozenset()

    def journal(self) -> Journal:
        """Return the journal of changes that the running Postfix has not taken up."""
        return Journal(self.options["config_directory"])

    def conceal(self, secrets: t.Iterable[str], shown: t.Iterable[str] = (), **options: t.Any) -> None:
        """Mask *secrets* in all that this module prints, stop masking *shown*, print *options* for the real ones."""
        self.ansible.params.update(options)
        self.ansible.no_log_values.difference_update(shown)
        self.ansible.no_log_values.update(secret for secret in secrets if secret)


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "LANG": "C", "PATH": _PATH}


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")


Planner = t.Callable[[Module], Plan]
Activator = t.Callable[[Instance, Journal, Activation], None]
Work = t.TypeVar("Work")
Concealer = t.Callable[[Module], None]


def run_module(
    options: dict[str, t.Any],
    planner: Planner,
    activator: Activator | None = None,
    concealer: Concealer | None = None,
    wanted: str | None = None,
) -> None:
    """Run a module that changes an instance: plan under the instance's lock, act unless in check mode, report.

    *activator* performs the action Activate, for the one module that plans it. *concealer* masks secrets in the
    options before anything can fail. *wanted* names the option that holds what is wanted, where that can be nothing.
    """
    ansible = AnsibleModule({**INSTANCE_OPTIONS, **options}, supports_check_mode=True)
    module = Module(ansible)
    if concealer is not None:
        concealer(module)
    with _errors_told(ansible):
        _require_postfix(ansible, wanted is None or _wants_something(ansible.params[wanted]))
        _require_instance(ansible)
        require_lockable(ansible.params["config_directory"])
        with contextlib.nullcontext() if ansible.check_mode else locked(ansible.params["config_directory"]):
            plan = planner(module)
            journal = module.journal()
            if plan.actions and not ansible.check_mode:
                _perform(module, plan, journal, activator)
        _report(ansible, plan, stronger(plan.activation, journal.read()["activation"], _start_needed(module.postfix)))


def run_info(options: dict[str, t.Any], reader: t.Callable[[Module], dict[str, object]]) -> None:
    """Run a module that only reads."""
    ansible = AnsibleModule({**INSTANCE_OPTIONS, **options}, supports_check_mode=True)
    with _errors_told(ansible):
        _require_postfix(ansible, changes=False)
        _require_instance(ansible)
        ansible.exit_json(changed=False, **reader(Module(ansible)))


def run_request(
    options: dict[str, t.Any],
    planner: t.Callable[[Module], Work],
    predict: t.Callable[[Work], Outcome],
    perform: t.Callable[[Module, Work], Outcome],
) -> None:
    """Run a module that asks something of an instance once, and leaves its configuration alone."""
    ansible = AnsibleModule({**INSTANCE_OPTIONS, **options}, supports_check_mode=True)
    with _errors_told(ansible):
        _require_postfix(ansible, changes=False)
        _require_instance(ansible)
        module = Module(ansible)
        work = planner(module)
        done = predict(work) if ansible.check_mode else perform(module, work)
        headers = {"before_header": done.header, "after_header": done.header}
        ansible.exit_json(
            changed=done.changed, diff={**headers, "before": done.before, "after": done.after}, **done.facts
        )


@contextlib.contextmanager
def _errors_told(ansible: AnsibleModule) -> t.Iterator[None]:
    """Turn what can go wrong on a host into one sentence."""
    try:
        yield
    except (PostfixError, ValueError) as error:
        ansible.fail_json(msg=str(error))
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        ansible.fail_json(msg=f"{error.strerror or error}{where}")


def _wants_something(value: object) -> bool:
    """Whether a stock Postfix would change. What is only removed, by null, is not there."""
    return any(item is not None for item in value.values()) if isinstance(value, dict) else bool(value)


def _require_postfix(ansible: AnsibleModule, changes: bool) -> None:
    if shutil.which("postconf", path=_PATH) is not None:
        return
    if ansible.check_mode:
        # The package task before us only pretended: there is nothing to compare with or to judge by.
        after = f"Postfix is not installed yet{': all of this would be new' if changes else ''}\n"
        ansible.exit_json(changed=changes, activation="none", diff={"before": "", "after": after}, msg=after.strip())
    raise PostfixError("Postfix is not installed on this host (no postconf program); install the package postfix first")


def _require_instance(ansible: AnsibleModule) -> None:
    directory = ansible.params["config_directory"]
    for name in ("main.cf", "master.cf"):
        if not os.path.isfile(os.path.join(directory, name)):
            raise PostfixError(f"config_directory {directory} holds no Postfix instance: there is no {name}")
    if os.geteuid() != 0:
        raise PostfixError("this module reads and changes Postfix's configuration as root; use become")
    for name in ("main.cf", "master.cf"):
        with open(os.path.join(directory, name), "rb") as file:
            if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
                raise PostfixError(
                    f"{file.name} starts with a byte order mark, which hides its first line from Postfix"
                )


def _perform(module: Module, plan: Plan, journal: Journal, activator: Activator | None) -> None:
    files = [
        action
        for action in plan.actions
        if not isinstance(action, (Activate, MakeDirectory)) and not getattr(action, "foreign", False)
    ]
    if files:
        journal.record(files, plan.activation)
    for action in plan.actions:
        if not isinstance(action, Activate):
            _act(module.ansible, action)
        elif activator is not None:
            activator(module.postfix, journal, action.activation)


def _start_needed(postfix: Instance) -> Activation:
    return "none" if postfix.running else "restart"


def _act(ansible: AnsibleModule, action: FileAction | MakeDirectory) -> None:
    match action:
        case MakeDirectory():
            make_directory(action)
        case InstallFile():
            install_file(action, ansible.selinux_context, ansible.set_context_if_different)
        case SetAttributes():
            set_attributes(action)
        case RemoveFile():
            remove_file(action)


def _report(ansible: AnsibleModule, plan: Plan, activation: Activation) -> None:
    """Exit. *activation* covers this plan, what an earlier run left pending, and a Postfix that does not run."""
    for warning in plan.warnings:
        ansible.warn(warning)
    diff = {"before_header": plan.header, "after_header": plan.header, "before": plan.before, "after": plan.after}
    ansible.exit_json(changed=plan.changed, activation=activation, diff=diff, **plan.facts)

"""The ways out: a mail server, and the robots of WeCom, DingTalk and Feishu."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import parse_qs, unquote, urlsplit

from hub.errors import HubError
from hub.settings import settings

_SECONDS = 8
ROBOTS = {"wecombot": "WeCom", "dingtalk": "DingTalk", "feishu": "Feishu", "lark": "Lark"}
"""The chat robots that may be written to, by the scheme of their address: each leads to its maker's own host."""


class NotCarried(HubError):
    """The letter was not taken: %(why)s."""

    code, status = "not-carried", 502


class NotARobot(HubError):
    """This is not the address of a chat robot; it begins with one of: %(schemes)s."""

    code, status, at = "not-a-robot", 409, "chat"


@dataclass(frozen=True)
class Letter:
    """Something to be brought to a person; ``mark`` is the same whenever it is tried again, so that servers see it."""

    subject: str
    text: str
    mark: str


def mails() -> bool:
    """Whether this installation has a mail server."""
    return bool(settings().mail_url.get_secret_value())


def mail(to: str, letter: Letter) -> None:
    """Hand a letter to the mail server; refused (``NotCarried``) when it does not take it."""
    server = urlsplit(settings().mail_url.get_secret_value())
    options = parse_qs(server.query)
    message = EmailMessage()
    message["Subject"], message["To"] = letter.subject, to
    message["From"] = options.get("from", [f"furrow@{server.hostname}"])[0]
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{letter.mark}@{urlsplit(settings().base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    secure = server.scheme == "smtps"
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    try:
        with kind(server.hostname or "", server.port or (465 if secure else 587), timeout=_SECONDS) as line:
            if server.scheme == "smtp" and options.get("tls", ["yes"])[0] != "no":
                line.starttls(context=ssl.create_default_context())
            if server.username:
                line.login(unquote(server.username), unquote(server.password or ""))
            line.send_message(message)
    except (OSError, smtplib.SMTPException) as problem:
        raise NotCarried(why=f"{type(problem).__name__}: {problem}"[:200]) from problem


def check_robot(address: str) -> None:
    """Refuse an address that leads anywhere but to a chat robot."""
    scheme = urlsplit(address).scheme
    if scheme not in _schemes():
        raise NotARobot(schemes=", ".join(f"{name}://" for name in _schemes()))


def chat(address: str, letter: Letter) -> None:
    """Have a robot say it; refused when it does not."""
    import apprise  # it reads a hundred services: only who sends needs it

    check_robot(address)
    robot = apprise.Apprise()
    if not robot.add(address):
        raise NotCarried(why="the robot's address cannot be read")
    if not robot.notify(title=letter.subject, body=letter.text):
        raise NotCarried(why="the robot did not answer")


def _schemes() -> list[str]:
    return settings().chat_robots.split(",")

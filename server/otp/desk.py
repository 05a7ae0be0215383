"""The desk that sends codes to families' phones and checks them, on a thread of its own: a gateway may be slow.

A kiosk asks by letter and is answered by one, sealed to its own key. It learns of people of its own centre only, and of
their phones no more than the last two digits.
"""

import queue
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa
import structlog

from anganwadi.ids import SERVER_ORIGIN, DistrictId
from anganwadi.people import Person
from anganwadi.wire import letters, topics
from anganwadi.wire.keys import ServerSecrets
from anganwadi.wire.otp import (
    OTP,
    OTP_ANSWER,
    AskCode,
    CheckCode,
    CodeAnswer,
    CodeChecked,
    CodeNotSent,
    CodeRequest,
    CodeSent,
    NotSent,
)
from provisioning.languages import SOURCE_LANGUAGE, msgid
from server.accounts.mobile import BadMobile, mobile_number
from server.accounts.outbox import CodeMessage, NotDelivered, Outbox
from server.ingest.inbound import Inbound, Publish
from server.letters_in import safely, sender
from server.otp.codes import Codes
from server.storage import vault
from server.storage.origins import OriginState
from server.web.words import catalogues

REMEMBERED_ASKS = 10_000
"""How many questions back one that comes again is recognised: the broker may bring a letter twice."""

_MESSAGE = msgid(
    "%(code)s is the code for your ration. Tell it to the Anganwadi worker. It is good for 10 minutes."
)

log = structlog.get_logger(__name__)


class OtpDesk:
    """Answers letters on the `otp` channel. `outbox` is the way to phones, None where the district has none."""

    def __init__(
        self,
        engine: sa.Engine,
        district: DistrictId,
        server: ServerSecrets,
        publish: Publish,
        outbox: Outbox | None,
    ) -> None:
        self._engine = engine
        self._district = district
        self._server = server
        self._publish = publish
        self._outbox = outbox
        self._codes = Codes()
        self._answered: OrderedDict[bytes, CodeSent | CodeNotSent] = OrderedDict()
        self._queue: queue.Queue[Inbound | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="otp-desk", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._queue.put(None)
        self._thread.join(timeout=10)

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def submit(self, message: Inbound) -> None:
        self._queue.put(message)

    def _run(self) -> None:
        while (message := self._queue.get()) is not None:
            safely(partial(self._answer, message))
            message.acknowledge()

    def _answer(self, message: Inbound) -> None:
        device, _ = sender(self._engine, self._district, message.topic)
        request = letters.read(
            message.payload, OTP, CodeRequest, device.origin, device.keys, self._server
        ).request
        match request:
            case AskCode():
                answer = self._asked(device, request)
            case CheckCode(asked=asked, code=code, nonce=nonce):
                verdict, left = self._codes.check(device.origin, asked, code, datetime.now(UTC))
                log.info("code_checked", origin=device.origin, verdict=verdict)
                answer = CodeChecked(nonce, verdict, left)
        letter = letters.write(OTP_ANSWER, CodeAnswer(answer), SERVER_ORIGIN, self._server, device.keys.seal)
        self._publish(topics.down(device.district, device.origin, OTP_ANSWER), letter)

    def _asked(self, device: OriginState, request: AskCode) -> CodeSent | CodeNotSent:
        """Send a code, once for a question however often it comes, and say whether."""
        known = self._answered.get(request.nonce)
        if known is not None:
            return known
        answer = self._send(device, request)
        log.info("code_asked", origin=device.origin, sent=isinstance(answer, CodeSent))
        self._answered[request.nonce] = answer
        if len(self._answered) > REMEMBERED_ASKS:
            self._answered.popitem(last=False)
        return answer

    def _send(self, device: OriginState, request: AskCode) -> CodeSent | CodeNotSent:
        def not_sent(reason: NotSent) -> CodeNotSent:
            return CodeNotSent(request.nonce, reason)

        person = self._person(device, request)
        if person is None:
            return not_sent(NotSent.NOT_HERE)
        try:
            mobile = mobile_number(person.phone or "")
        except BadMobile:
            return not_sent(NotSent.NO_PHONE)
        if self._outbox is None:
            return not_sent(NotSent.NO_GATEWAY)
        now = datetime.now(UTC)
        code = self._codes.draw(device.origin, person.person_id, request.nonce, now)
        if code is None:
            return not_sent(NotSent.TOO_OFTEN)
        try:
            self._outbox.deliver(_message(person, mobile, code, now))
        except NotDelivered as error:
            log.error("code_not_delivered", reason=str(error))
            return not_sent(NotSent.NO_GATEWAY)
        return CodeSent(request.nonce, "X" * (len(mobile) - 2) + mobile[-2:])

    def _person(self, device: OriginState, request: AskCode) -> Person | None:
        """The person asked about, if she is of the kiosk's centre."""
        with self._engine.connect() as connection:
            centre = vault.centre_of(connection, self._district, request.person_id)
            if centre is None or centre != device.centre_id:
                return None
            return vault.find(connection, self._district, request.person_id).person


def _message(person: Person, mobile: str, code: str, now: datetime) -> CodeMessage:
    language = person.language if person.language in catalogues() else SOURCE_LANGUAGE
    text = catalogues()[language].gettext(_MESSAGE) % {"code": code}
    return CodeMessage(mobile=mobile, code=code, text=text, language=language, at=now)

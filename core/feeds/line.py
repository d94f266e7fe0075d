"""One source: asks it, reads what it says, and plans the next time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from random import Random

from core.domain.errors import FeedRefused
from core.domain.redaction import redact
from core.feeds.cache.flight import obtain
from core.feeds.cache.key import is_shareable, key_of
from core.feeds.cache.port import FeedCache
from core.feeds.fetch import Fetcher, FetchFailed, secret_forms
from core.feeds.judge import NO_ANSWER, Judged, mistake, read_answer, tells_nothing
from core.feeds.memories import Memories
from core.feeds.port import Answer, Reading, Request, Source
from core.feeds.schedule import Schedule

MAX_STEPS = 4
"""Requests in a row before a source has something to tell, such as a login."""
MAX_SENTENCE_CHARS = 300

THREAD_FROM_BYTES = 16 << 10
"""Longer answers are read beside the loop, which has books to serve: a week of a gauge's table
takes 20 ms. A source is never in two threads at a time."""


class Line:
    """
    One source of a chain.

    Args:
        source: What to ask.
        fetcher: Gets the answers.
        cache: Shared with whoever asks the same.
        now_ns: Wall clock.
        clock: Steady, in seconds.
        random: For the schedule's jitter.
    """

    def __init__(
        self,
        source: Source,
        fetcher: Fetcher,
        cache: FeedCache,
        now_ns: Callable[[], int],
        clock: Callable[[], float],
        random: Random,
    ) -> None:
        self.source = source
        self.schedule = Schedule(source.interval_s, random)
        self.last_error = ""
        self.requests = 0
        """On the wire."""
        self.hits = 0
        """Answers that somebody else had asked for."""
        self._fetcher = fetcher
        self._cache = cache
        self._now_ns = now_ns
        self._clock = clock
        self._memories = Memories()

    async def ask(self) -> Reading | None:
        """Ask once, and plan the next time. None where nothing came that can be used."""
        request: Request | None = None
        judged = Judged(Reading())
        now_ns = self._now_ns()
        for _ in range(MAX_STEPS):
            wanted = self._wanted(now_ns)
            if isinstance(wanted, Judged):
                judged = wanted
                break
            if wanted == request:
                break
            request = wanted
            judged = await self._one(request)
            if judged.reading is None or not tells_nothing(judged.reading):
                break
        return self._plan(judged, request)

    def _wanted(self, now_ns: int) -> Request | Judged:
        """What the source asks for; a verdict where it does not ask."""
        try:
            return self.source.request(now_ns)
        except FeedRefused as refusal:
            return Judged(error=refusal.reason, is_refused=True, wait_s=refusal.retry_after_s)
        except Exception as error:  # noqa: BLE001  one source's mistake must not end the others
            return Judged(error=mistake(error))

    async def _one(self, request: Request) -> Judged:
        """Get one answer and read it once, whoever asked for it."""
        key = key_of(request)
        if not is_shareable(request):
            return await self._judge(await self._fetch(request, key))
        judged = Judged()
        cycle = self._memories.cycle(key)

        async def ask() -> Answer:
            return await self._fetch(request, key)

        async def judge(answer: Answer) -> float:
            nonlocal judged
            judged = await self._judge(answer)
            if judged.reading is not None:
                judged = replace(judged, ttl_s=judged.ttl_s * cycle)
            return 0.0 if _shows_secret(answer, request) else judged.ttl_s

        obtained = await obtain(self._cache, key, ask, judge)
        answer = obtained.answer
        if obtained.is_hit:
            self.hits += 1
            # The clock of the engine that asked may be ahead of ours.
            stamp_ns = min(answer.fetched_ts_ns, self._now_ns())
            judged = await self._judge(replace(answer, fetched_ts_ns=stamp_ns))
            judged = replace(judged, ttl_s=obtained.fresh_for_s)
        if judged.reading is not None:
            self._memories.keep(key, answer)
        return judged

    async def _judge(self, answer: Answer) -> Judged:
        if len(answer.body) < THREAD_FROM_BYTES:
            return read_answer(self.source, answer, self._now_ns())
        return await asyncio.to_thread(read_answer, self.source, answer, self._now_ns())

    async def _fetch(self, request: Request, key: str) -> Answer:
        """Ask on the wire; what did not come is an answer too, so that others learn of it."""
        self.requests += 1
        try:
            answer = await self._fetcher.fetch(request, self._memories.validators(key))
        except FetchFailed as error:
            return Answer(NO_ANSWER, {}, str(error).encode(), self._now_ns())
        except Exception as error:  # noqa: BLE001  one request's mistake must not end the others
            sentence = f"it could not be asked ({type(error).__name__}); please report this"
            return Answer(NO_ANSWER, {}, sentence.encode(), self._now_ns())
        answer = replace(answer, fetched_ts_ns=self._now_ns())
        known = self._memories.answer(key)
        if answer.status != HTTPStatus.NOT_MODIFIED or known is None:
            return answer
        headers = {**known.headers, **answer.headers}
        return replace(answer, status=HTTPStatus.OK, headers=headers, body=known.body)

    def _plan(self, judged: Judged, request: Request | None) -> Reading | None:
        now_s = self._clock()
        if judged.reading is not None:
            self.last_error = ""
            self.schedule.answered(
                now_s, judged.ttl_s, judged.wait_s or 0.0, is_soon=self.source.is_incomplete
            )
            return judged.reading
        self.last_error = self._sentence(judged.error, request)
        # Sooner, the cache would only tell the same again.
        wait_s = None if judged.wait_s is None else max(judged.wait_s, judged.ttl_s)
        if judged.is_refused:
            self.schedule.refused(now_s, wait_s)
        else:
            self.schedule.failed(now_s, wait_s or 0.0)
        return None

    def _sentence(self, text: str, request: Request | None) -> str:
        """Make a service's words fit to be shown: no key, no control characters, not endless."""
        if request is not None:
            text = redact(text, secret_forms(request))
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if len(text) > MAX_SENTENCE_CHARS:
            text = text[: MAX_SENTENCE_CHARS - 1] + "…"
        return f"{self.source.name}: {text}"


def _shows_secret(answer: Answer, request: Request) -> bool:
    """Tell whether a service has written a key of ours into its answer."""
    told = [answer.body, *(value.encode() for value in answer.headers.values())]
    forms = [form.encode("utf-8", "surrogatepass") for form in secret_forms(request)]
    return any(form in each for form in forms for each in told)

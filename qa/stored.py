"""Answers read back from what ``Answer.to_dict`` wrote."""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

from qa.result import Answer, Citation, Claim, Form, RankedPassage, Source, Status, Weighed

__all__ = ["answer_from"]

T = TypeVar("T")


def answer_from(data: Mapping[str, Any]) -> Answer:
    """The answer of which ``data`` is ``to_dict()``, with or without ``explain``.

    It is the same answer but for its figures, which ``to_dict`` rounds, and for a
    ``resolved_question`` that was empty, which is then the question. Keys that came later
    may be missing, as in files of earlier versions. Raises ValueError that says what is not right.
    """
    try:
        return Answer(
            question=_text(data, "question"),
            status=_one_of("status", data["status"], get_args(Status)),
            text=_maybe(data, "text", _text),
            confidence=_figure(data, "confidence"),
            citations=_each(data, "citations", _citation),
            passages=_each(data, "passages", _passage),
            resolved_question=_maybe(data, "resolved_question", _text) or "",
            id=_maybe(data, "id", _text),
            disagreements=_each(data, "disagreements", _claim),
            reason=_maybe(data, "reason", _text),
            weighed=_each(data, "weighed", _weighed),
            threshold=_maybe(data, "threshold", _figure),
            form=_one_of("form", data.get("form", "span"), get_args(Form)),
            items=_each(data, "items", _claim),
        )
    except KeyError as error:
        raise ValueError(f"not an answer of Quoth: no {error} in it") from error
    except (TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"not an answer of Quoth ({error})") from error


def _citation(data: Mapping[str, Any]) -> Citation:
    return Citation(
        number=_count(data, "number"),
        article=_source(data["article"]),
        quote=_text(data, "quote"),
        start=_count(data, "start"),
        end=_count(data, "end"),
        answer_start=_count(data, "answer_start"),
        answer_end=_count(data, "answer_end"),
        copy_of=_maybe(data, "copy_of", _count),
        hash=_maybe(data, "hash", _text),
    )


def _claim(data: Mapping[str, Any]) -> Claim:
    return Claim(
        _text(data, "text"),
        _figure(data, "confidence"),
        _each(data, "citations", _citation),
        data.get("changing") is True,
    )


def _passage(data: Mapping[str, Any]) -> RankedPassage:
    return RankedPassage(
        _count(data, "rank"),
        _figure(data, "score"),
        _source(data["article"]),
        _text(data, "text"),
        _count(data, "start"),
        _count(data, "end"),
    )


def _weighed(data: Mapping[str, Any]) -> Weighed:
    return Weighed(
        _text(data, "text"),
        _source(data["article"]),
        _count(data, "start"),
        _count(data, "end"),
        _maybe(data, "passage", _count),
        *(_figure(data, name) for name in ("score", "relevance", "coverage", "confidence")),
    )


def _source(data: Mapping[str, Any]) -> Source:
    further = {name: _maybe(data, name, _text) for name in Source.__slots__[2:]}
    return Source(_text(data, "id"), _text(data, "title"), **further)


def _each(
    data: Mapping[str, Any], key: str, one: Callable[[Mapping[str, Any]], T]
) -> tuple[T, ...]:
    return tuple(map(one, data.get(key) or ()))


def _maybe(
    data: Mapping[str, Any], key: str, get: Callable[[Mapping[str, Any], str], T]
) -> T | None:
    return None if data.get(key) is None else get(data, key)


def _text(data: Mapping[str, Any], key: str) -> str:
    if not isinstance(value := data[key], str):
        raise ValueError(f"not an answer of Quoth: its {key} is no text")
    return value


def _count(data: Mapping[str, Any], key: str) -> int:
    value = data[key]
    if type(value) is not int or value < 0:
        raise ValueError(f"not an answer of Quoth: its {key} is no number of characters or things")
    return value


def _figure(data: Mapping[str, Any], key: str) -> float:
    value = data[key]
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(f"not an answer of Quoth: its {key} is no figure")
    return float(value)


def _one_of(key: str, value: object, known: tuple[Any, ...]) -> Any:
    if value not in known:
        raise ValueError(f"not an answer of Quoth: its {key} is none of {', '.join(known)}")
    return value

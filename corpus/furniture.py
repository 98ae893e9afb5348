"""What stands on a page and is not the article: link lists, forms, pasted posts.

Two rules keep this safe. A line is only taken for furniture by its form (a known heading,
a post pasted with its hashtags, a bare address), never by its subject; and what follows a
heading such as "Related posts" is kept wherever it reads as prose.
"""

import re
from collections.abc import Sequence

__all__ = ["without_furniture"]

_RELATED = re.compile(
    r"""^(?:
        related\ (?:posts?|articles?|stories|news|content|topics|coverage|reading)
      | you\ (?:might|may)\ (?:also\ )?(?:like|be\ interested\ in|enjoy)
      | (?:read|see|watch)\ (?:also|more|next)  | also\ (?:read|see)  | more\ (?:from|on)\ .{1,40}
      | more\ (?:news|stories|articles)  | (?:latest|other|recent|top|popular)\ (?:news|posts?|articles|stories)
      | most\ (?:read|popular|viewed|shared)  | recommended(?:\ (?:for\ you|articles|stories|reading))?
      | trending(?:\ now)?  | don['’]t\ miss  | editor['’]?s['’]?\ (?:picks?|choice)  | what\ to\ read\ next
      | tags?  | topics?  | share(?:\ (?:this|on|via|with)\b.{0,30})?  | tweet  | print(?:\ this)?  | e-?mail(?:\ this)?
      | advertisement  | sponsored(?:\ content)?  | promoted  | follow\ us(?:\ on\ .{1,30})?
      | subscribe(?:\ (?:now|to\ .{1,40}))?  | sign\ up(?:\ (?:for|to)\ .{1,40})?  | (?:our\ )?newsletter
      | (?:previous|next)\ (?:article|post|story)  | load\ more  | show\ more  | back\ to\ top
      | skip\ to\ (?:main\ )?content  | copy\ link  | (?:accept|manage)\ (?:all\ )?cookies
    )\s*[:!.…»›>-]*$""",
    re.IGNORECASE | re.VERBOSE,
)

# From here to the end of the page other people write, under the article's name.
_COMMENTS = re.compile(
    r"""^(?:
        (?:leave|post|add|write|submit)\ (?:a|your)\ (?:comment|reply)(?:\ cancel\ reply)?
      | (?:\d+|no)\ (?:comments?|responses?|replies)(?:\ (?:on|to)\ .{1,200})?
      | comments?(?:\ \(\d+\)|\ are\ closed)?  | join\ the\ (?:conversation|discussion)
      | cancel\ reply
    )\s*[:!.…»›>-]*$""",
    re.IGNORECASE | re.VERBOSE,
)

_FORM = re.compile(
    r"^(?:your e-?mail address will not be published"
    r"|save my name, e-?mail,? and website in this browser"
    r"|required fields are marked)",
    re.IGNORECASE,
)

# The heading that social networks give to a shared post: `Name on X: "…`.
_POST = re.compile(
    r"^(?P<name>[^.!?\"“:]{1,60}?)\s+(?:on|/|via)\s+(?:X|Twitter|Facebook|Instagram|Threads|Telegram)\s*:\s*[\"“]"
)
_SPOKE = re.compile(
    r"\b(?:wrote|said|says|posted|tweeted|stated|added|replied|announced|commented|shared|published|noted)\b",
    re.IGNORECASE,
)
_POST_TRACE = re.compile(
    r"#\w+|\bt\.co/|pic\.twitter\.com|(?:\.\.\.|…)\s*[\"”]?$|/\s*(?:X|Twitter)$"
)
_EMBED = re.compile(r"pic\.twitter\.com/\w+|^(?:—|--|-)\s.{1,60}\(@\w+\)\s+\w+\s\d{1,2},\s\d{4}$")

_ADDRESS = re.compile(r"^(?:https?://|www\.)\S+$")
# Titles of other stories have no full stop; some end in "!" or "?", and those are short.
_STATEMENT = re.compile(r"(?:\w\w|[\d)\]”\"’])\.[\"”’')\]]*$")
_EXCLAIMED = re.compile(r"[.!?…][\"”’')\]]*$")


def without_furniture(paragraphs: Sequence[str]) -> list[str]:
    """The paragraphs that are the article's own, in order, unchanged."""
    kept: list[str] = []
    in_links = False
    for number, paragraph in enumerate(paragraphs):
        if _COMMENTS.match(paragraph):
            # High on a page it is only a link down to the form.
            if 2 * number >= len(paragraphs) and any(map(_is_prose, kept)):
                break
            continue
        if number and _RELATED.match(paragraph):  # the first line may be the title
            in_links = True
            continue
        if _FORM.match(paragraph) or _ADDRESS.match(paragraph) or _is_post(paragraph):
            continue
        if in_links and not _is_prose(paragraph):
            continue
        in_links = False
        kept.append(paragraph)
    return kept


def _is_prose(paragraph: str) -> bool:
    words = len(paragraph.split())
    return (
        (words >= 5 and bool(_STATEMENT.search(paragraph)))
        or (words >= 12 and bool(_EXCLAIMED.search(paragraph)))
        or words >= 40
    )


def _is_post(paragraph: str) -> bool:
    if _EMBED.search(paragraph):
        return True
    match = _POST.match(paragraph)
    return bool(match and not _SPOKE.search(match["name"]) and _POST_TRACE.search(paragraph))

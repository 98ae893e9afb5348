"""What stands on a page and is not the article: link lists, forms, pasted posts.

Losing a sentence of an article is worse than keeping a line of furniture. So a line is only
taken for furniture by its form (a known heading alone on its line, a post pasted with its
hashtags, a bare address), never by its subject; and what follows a heading such as "Related
posts" is kept wherever it reads as a sentence.
"""

import re
from collections.abc import Sequence

__all__ = ["without_furniture"]

_TAIL = r"\s*[:…»›>-]*$"  # never a full stop: "More on that later." is a sentence

# Headings of lists of other stories: titles under them go too.
_LIST = re.compile(
    r"""^(?:
        related(?:\ (?:posts?|articles?|stories|news|content|topics|coverage|reading|links))?
      | you\ (?:might|may)\ (?:also\ )?(?:like|be\ interested\ in|enjoy)
      | (?:read|see|watch)\ (?:also|more|next)  | also\ read
      | (?:more|latest|other|recent|top|popular|trending)\ (?:news|posts?|articles|stories)
      | most\ (?:read|popular|viewed|shared)  | recommended(?:\ (?:for\ you|articles|stories|reading))?
      | trending\ now  | don['’]t\ miss  | editor['’]?s['’]?\ (?:picks?|choice)  | what\ to\ read\ next
    )"""
    + _TAIL,
    re.IGNORECASE | re.VERBOSE,
)

_NETWORK = r"(?:facebook|twitter|x|instagram|linkedin|telegram|whatsapp|threads|reddit|e-?mail|social\ media)"
# Lines that go by themselves.
_LINE = re.compile(
    rf"""^(?:
        share(?:\ (?:this(?:\ (?:article|story|post|page))?|(?:on|via)\ {_NETWORK}))?  | tweet(?:\ this)?
      | print(?:\ this(?:\ page)?)?  | e-?mail(?:\ this)?  | copy\ link  | reply
      | advertisement  | sponsored(?:\ content)?  | promoted(?:\ content)?
      | follow\ us(?:\ on\ {_NETWORK}(?:(?:,|\ and|\ &)\ {_NETWORK})*)?
      | subscribe(?:\ now|\ to\ our\ newsletter)?  | sign\ up(?:\ for\ our\ newsletter)?  | (?:our\ )?newsletter
      | (?:previous|next)\ (?:article|post|story)  | (?:load|show)\ more  | back\ to\ top
      | skip\ to\ (?:main\ )?content  | (?:accept|manage)\ (?:all\ )?cookies
      | (?:view|show|hide)\ (?:all\ )?(?:\d+\ )?comments  | be\ the\ first\ to\ comment
      | click\ here\ to\ subscribe  | comments\ off(?:\ on\ .{{1,200}})?  | (?:name|e-?mail|website)\ \*
    ){_TAIL}
    | ^(?:read|see)\ (?:also|more):\s+(?!.*[.?!]$)\S.{{0,150}}$
    | ^(?:tags|topics):\s+(?!.*[.?!]$)\S.{{0,150}}$
    | ^(?:https?://|www\.)\S+$
    | ^(?:©|copyright\ ©?)\ ?\d{{4}}\b.{{0,80}}$
    | ^your\ e-?mail\ address\ will\ not\ be\ published
    | ^required\ fields\ are\ marked
    | ^save\ my\ name,\ e-?mail,?\ and\ website\ in\ this\ browser
    """,
    re.IGNORECASE | re.VERBOSE,
)

# From here to the end of the page other people write, under the article's name.
_COMMENTS = re.compile(
    r"""^(?:
        (?:leave|post|add|write|submit)\ (?:a|your)\ (?:comment|reply)(?:\ cancel\ reply)?
      | \d+\ comments?  | \d+\ (?:comments?|responses?|replies|thoughts)\ (?:on|to)\ ["“‘'].{1,200}["”’']
      | log\ in\ to\ leave\ a\ comment
    )"""
    + _TAIL,
    re.IGNORECASE | re.VERBOSE,
)
# "4 responses" may also be a heading of the article's own.
_COMMENTS_IF_FORM = re.compile(
    r"^(?:comments?(?:\ \(\d+\))?|\d+\ (?:responses?|replies|thoughts))" + _TAIL,
    re.IGNORECASE | re.VERBOSE,
)
_FORM_TRACE = re.compile(
    r"\b(?:says|said on .{4,40}):$|^(?:reply|name \*|log in to (?:reply|comment))$"
    r"|e-?mail address will not be published|^(?:leave|post|add) a (?:comment|reply)\b",
    re.IGNORECASE,
)

# The heading that social networks give to a shared post: `Name on X: "…`.
_POST = re.compile(
    r"^(?P<name>[^.!?\"“:]{1,60}?)\s+on\s+(?:X|Twitter|Facebook|Instagram|Threads|Telegram)\s*:"
    r"\s*[\"“](?P<post>.*)$",
    re.DOTALL,
)
_POST_WHOLE = re.compile(r"^[^\"”]*(?:[\"”]\s*(?:/\s*(?:X|Twitter))?|(?:\.\.\.|…)\s*)?$")
_POST_TRACE = re.compile(r"#\w|\bt\.co/|(?:\.\.\.|…)\s*[\"”]?$|/\s*(?:X|Twitter)$")
_EMBED = re.compile(
    r"(?:pic\.twitter\.com/\w+)?\s*(?:—|--)\s[^—]{1,60}\(@\w+\)\s+\w+\s\d{1,2},\s\d{4}$"
)

# Titles of other stories have no full stop; some end in "!" or "?", and those are short.
_CLOSED = r"[\"”’'»“)\]]*(?:\s*\[\d+\])*(?:\s*\([A-Z]+\))?$"
_STATEMENT = re.compile(r"[.。۔।]" + _CLOSED)
_EXCLAIMED = re.compile(r"[!?…！？؟]" + _CLOSED)


def without_furniture(paragraphs: Sequence[str]) -> list[str]:
    """The paragraphs that are the article's own, in order, unchanged."""
    kept: list[str] = []
    in_links = False
    for number, paragraph in enumerate(paragraphs):
        if _ends_the_article(paragraphs, number, kept):
            break
        if _COMMENTS.match(paragraph) or _LINE.match(paragraph) or _is_post(paragraph):
            continue
        if number and _LIST.match(paragraph):  # the first line may be the title
            in_links = True
        elif not in_links or _is_sentence(paragraph):
            in_links = False
            kept.append(paragraph)
    return kept


def _ends_the_article(paragraphs: Sequence[str], number: int, kept: Sequence[str]) -> bool:
    """Whether comments begin here. High on a page the words are only a link to them."""
    if not _COMMENTS.match(paragraphs[number]) and not (
        _COMMENTS_IF_FORM.match(paragraphs[number])
        and any(map(_FORM_TRACE.search, paragraphs[number + 1 :]))
    ):
        return False
    sentences = sum(map(_is_sentence, kept))
    return sentences >= 2 or (sentences == 1 and 2 * number >= len(paragraphs))


def _is_sentence(paragraph: str) -> bool:
    words = len(paragraph.split())
    return (
        (words >= 2 and bool(_STATEMENT.search(paragraph)))
        or (words >= 12 and bool(_EXCLAIMED.search(paragraph)))
        or words >= 40
    )


def _is_post(paragraph: str) -> bool:
    """Another's post, pasted whole: a name in capitals, and nothing after the post."""
    if _EMBED.search(paragraph):
        return True
    match = _POST.match(paragraph)
    return bool(
        match
        and not any(word[0].islower() for word in match["name"].split())
        and "'" not in match["name"]
        and "’" not in match["name"]
        and _POST_WHOLE.match(match["post"])
        and _POST_TRACE.search(paragraph)
    )

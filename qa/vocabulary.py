"""Words that stand beside figures, dates and names, and what they do to them."""

__all__ = [
    "DOLLARS",
    "MONTHS",
    "OTHERS_MONEY",
    "PARTS_OF_TIME",
    "PEOPLE",
    "SCALES",
    "SHORT_TITLES",
    "TELLING",
    "TITLES",
    "UNITS",
    "VAGUE",
    "WEEKDAYS",
]

SCALES = {
    "hundred": 2, "thousand": 3, "k": 3, "million": 6, "mln": 6, "mn": 6, "m": 6, "billion":
    9, "bln": 9, "bn": 9, "b": 9, "trillion": 12, "tn": 12,
}  # fmt: skip
"""Zeros that a word behind a figure stands for."""

UNITS = {
    "percent": "%", "pct": "%", "dollar": "$", "dollars": "$", "usd": "$", "euro": "€",
    "euros": "€", "eur": "€", "pound": "£", "pounds": "£", "gbp": "£", "yen": "¥", "manat":
    "₼", "manats": "₼", "azn": "₼", "ruble": "₽", "rubles": "₽", "roubles": "₽", "lira": "₺",
    "liras": "₺", "kilometre": "km", "kilometres": "km", "kilometer": "km", "kilometers":
    "km", "mile": "mile", "miles": "mile", "metre": "m", "metres": "m", "meter": "m",
    "meters": "m", "kilogram": "kg", "kilograms": "kg", "kilogramme": "kg", "kilogrammes":
    "kg", "ton": "t", "tons": "t", "tonne": "t", "tonnes": "t", "hectare": "ha", "hectares":
    "ha", "second": "s", "seconds": "s", "minute": "min", "minutes": "min", "hour": "h",
    "hours": "h", "day": "d", "days": "d", "week": "w", "weeks": "w", "month": "mo", "months":
    "mo", "year": "y", "years": "y", "cent": "cent", "cents": "cent",
    "mins": "min", "hr": "h", "hrs": "h", "secs": "s", "ft": "ft", "foot": "ft", "feet": "ft", "degree": "°",
    "degrees": "°", "sq": "square", "rupee": "₹", "rupees": "₹", "rs": "₹",
    "millimetre": "mm", "millimetres": "mm", "millimeter": "mm", "millimeters": "mm", "centimetre": "cm",
    "centimetres": "cm", "centimeter": "cm", "centimeters": "cm", "gram": "g", "grams": "g", "inches": "inch",
    "yards": "yard", "acre": "acre", "acres": "acre",
    "mph": "mph", "kph": "kph", "kmh": "kph", "knot": "knot", "knots": "knot",
    "kw": "kw", "kilowatt": "kw", "kilowatts": "kw", "mw": "mw", "megawatt": "mw", "megawatts": "mw", "gw": "gw",
    "gigawatt": "gw", "gigawatts": "gw", "litre": "l", "litres": "l", "liter": "l", "liters": "l", "gallon": "gal",
    "gallons": "gal", "barrel": "barrel", "barrels": "barrel", "lb": "lb", "lbs": "lb", "ounce": "oz", "ounces": "oz",
    "oz": "oz", "fahrenheit": "°f",
}  # fmt: skip
"""Names of units, each as its symbol."""

DOLLARS = {
    "us": "", "american": "", "a": "a", "au": "a", "aus": "a", "australian": "a", "c": "c", "ca": "c", "can": "c",
    "canadian": "c", "nz": "nz", "new zealand": "nz", "hk": "hk", "hong kong": "hk", "s": "s", "sg": "s", "singapore": "s",
    "singaporean": "s", "nt": "nt", "taiwan": "nt", "taiwanese": "nt", "jamaican": "j", "j": "j", "fijian": "fj",
    "namibian": "n", "liberian": "l", "trinidadian": "tt", "tt": "tt",
}  # fmt: skip
"""Whose dollars they are, as it is written in front of the sign; nothing is the United States'."""

OTHERS_MONEY = {
    "british": "", "sterling": "", "indian": "", "russian": "", "turkish": "", "japanese": "", "azerbaijani": "",
    "egyptian": "egyptian ", "syrian": "syrian ", "lebanese": "lebanese ", "sudanese": "sudanese ", "irish": "irish ",
    "cypriot": "cypriot ", "pakistani": "pakistani ", "nepalese": "nepalese ", "sri lankan": "lankan ",
    "mauritian": "mauritian ", "belarusian": "belarusian ", "italian": "italian ", "maltese": "maltese ",
}  # fmt: skip
"""Whose pounds, rupees, roubles and liras they are; nothing is whose sign it is."""

PEOPLE = frozenset((
    "people", "persons", "person", "civilians", "civilian", "residents", "resident",
    "citizens", "citizen", "inhabitants", "individuals", "individual", "humans",
))  # fmt: skip
"""Words that only say that people are counted."""

TELLING = frozenset((
    "at", "least", "most", "more", "than", "over", "above", "fewer", "less", "under", "below",
    "up", "down", "to", "not", "no", "minus", "plus", "nearly", "almost", "about", "around",
    "some", "half", "quarter", "third", "thirds", "quarters", "several", "many", "few",
    "dozens", "hundreds", "thousands", "millions", "billions", "lakh", "crore", "rose",
    "fell", "won", "lost", "before", "after", "since", "until", "till", "by", "early", "mid",
    "late", "spring", "summer", "autumn", "winter", "am", "pm", "a.m", "p.m", "per", "each",
    "square", "sq", "cubic", "points", "point", "and", "or", "only", "except", "without",
    "cents",
))  # fmt: skip
"""Words that change a figure which they stand with."""

TITLES = frozenset((
    "mr", "mrs", "ms", "miss", "dr", "prof", "professor", "academician", "sir", "lord",
    "lady", "dame", "king", "queen", "prince", "princess", "pope", "president", "vice",
    "prime", "deputy", "first", "foreign", "interior", "defence", "defense", "minister",
    "secretary", "chancellor", "general", "colonel", "major", "captain", "lieutenant",
    "sergeant", "admiral", "commander", "marshal", "senator", "congressman", "congresswoman",
    "governor", "mayor", "judge", "justice", "ambassador", "consul", "chairman", "chairwoman",
    "chair", "director", "speaker", "spokesman", "spokeswoman", "bishop", "archbishop",
    "cardinal", "rabbi", "imam", "sheikh", "ayatollah", "reverend", "father", "sister",
    "brother", "saint", "doctor", "representative", "brigadier", "former", "ex", "late", "acting", "current", "then",
))  # fmt: skip
"""Words in front of a name that leave it the same person's."""

PARTS_OF_TIME = frozenset((
    "early", "mid", "late", "end", "beginning", "start", "middle", "spring", "summer", "autumn", "winter",
))  # fmt: skip
"""Words that make a month or a year a part of it."""

SHORT_TITLES = {
    "dr": "doctor", "prof": "professor", "gen": "general", "brig": "brigadier", "col": "colonel", "maj":
    "major", "capt": "captain", "lt": "lieutenant", "sgt": "sergeant", "adm": "admiral", "cmdr":
    "commander", "sen": "senator", "rep": "representative", "gov": "governor", "rev": "reverend",
    "pres": "president",
}  # fmt: skip
"""Titles as they are shortened, each in full."""

MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr":
    4, "may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september":
    9, "sept": 9, "sep": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december":
    12, "dec": 12,
}  # fmt: skip
"""Names of months in English, by their number."""

VAGUE = frozenset(("handful", "dozens", "scores", "hundreds", "thousands", "millions", "billions"))
"""Words for an amount that nobody counted."""

WEEKDAYS = frozenset((
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
))  # fmt: skip
"""Days that are told by the day of writing."""

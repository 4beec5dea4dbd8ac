"""What a column's name tells, by the words in it, and the key that it becomes."""

import re
from collections.abc import Sequence
from itertools import chain, count
from unicodedata import normalize

from credit.core.columns import BAD, GROUP, LINE

IDENTIFIERS = "id|ids|uuid|guid|identifier"
CODED = "id|zip|plz|postal|postcode|code|naics|sic|branch|filiale"
COUNTED = (
    "number|num|no|nr|count|cnt|anzahl|years|months|days|age|alter|duration|laufzeit|times|delinq|delinquencies|inq|inquiries|"
    "acc|accounts|lines|cards|loans|credits|rec|records|dependents|children|kids|kinder|open|derog|late|past_due|members"
)
ORDERED = "grade|subgrade|rating|score|rank|level|tier|band|bucket|stufe|education|bildung|year|years"
PROTECTED = (
    "age|alter|sex|gender|geschlecht|foreign|foreigner|gastarb|national|nationality|nationalitaet|citizen|citizenship|"
    "staatsangehoerigkeit|marital|marriage|married|famges|familienstand|personal_status|religion|race|ethnic|ethnicity|"
    "birth|birthdate|dob|geburtsdatum|geburtsjahr|disability|pregnant"
)
TARGETS = (
    r"bad|default|defaulted|defaulter|target|outcome|risk|kredit|creditability|delinquent|dlq\w*|ausfall|chargeoff|"
    r"(loan|mis|credit|account|repayment)_status|good_bad"
)
PERHAPS_TARGETS = "class|klasse|status|label|y|good|result|paid|repaid|approved"
PAST = "previous|prior|prev|past|history|hist|ever|had|has|file|cb|other"
# What is known only after the outcome; what was paid or collected before the application is not named so.
LATER = (
    r"(last|next|final)_(pymnt|payment|credit_pull|fico\w*)|total_(pymnt|payment|payments|paid|rec|received|repaid)|"
    r"recover(y|ies|ed)|collection_(recovery|fee|fees)|settlement|hardship|charge_?off_(amount|amt|date)|chgoff\w*|"
    r"(charged|written)_off_(amount|amt|date)|write_?off\w*|out_prncp|outstanding_(principal|balance)|"
    r"days_(late|overdue|in_default)|(default|ausfall)_(date|datum)|date_of_default|loss_given_default|lgd|"
    r"realis?z?ed_loss|amount_(recovered|repaid)|paid_(total|principal|interest)|mahnstufe|inkasso\w*|verwertung\w*"
)
BAD_NAMES = r"bad|default|defaulted|defaulter|delinquent|dlq\w*|ausfall|chargeoff|target|risk|outcome"
GOOD_NAMES = "good|paid|repaid|kredit|creditability|approved|performing"
# Keys that `stages.prepare` refuses, for every prepared table has columns of these names. BAD may be the target's.
RESERVED = (LINE, GROUP, BAD)
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


def named(words: str, name: str) -> bool:
    """Whether one of `words` stands in a column's name as a word of its own."""
    return re.search(rf"(^|_)({words})(_|$)", snake_case(name)) is not None


def keys_of(names: Sequence[str], target: str | None = None) -> list[str]:
    """Give each column a simple English-safe key: its name if that is one, else one made of it, all different."""
    free = {name for name in names if name not in RESERVED or (name == BAD == target)}
    taken = {name for name in free if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,59}", name)}
    keys = []
    for position, name in enumerate(names, 1):
        if name in taken:
            keys.append(name)
            continue
        stem = f"lender_{name}" if name in RESERVED else snake_case(name)[:60].strip("_") or f"column_{position}"
        stem = f"column_{stem}" if stem[0].isdigit() or stem in RESERVED else stem
        key = next(key for key in chain([stem], (f"{stem}_{number}" for number in count(2))) if key not in taken)
        taken.add(key)
        keys.append(key)
    return keys


def snake_case(name: str) -> str:
    """Write a name in lower-case ASCII letters and digits, its words parted by underscores."""
    plain_letters = normalize("NFKD", name.translate(UMLAUTS)).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain_letters)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")

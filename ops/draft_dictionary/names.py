"""What a column's name tells, by the words in it."""

import re

from ops.draft_dictionary.keys import snake_case

IDENTIFIERS = "id|ids|uuid|guid|identifier"
CODED = "id|zip|plz|postal|postcode|code|naics|sic|branch|filiale"
COUNTED = "number|num|count|cnt|anzahl|years|months|days|age|alter|duration|laufzeit"
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
BAD_NAMES = r"bad|default|defaulted|defaulter|delinquent|dlq\w*|ausfall|chargeoff|target|risk|outcome"
GOOD_NAMES = "good|paid|repaid|kredit|creditability|approved|performing"


def named(words: str, name: str) -> bool:
    """Whether one of `words` stands in a column's name as a word of its own."""
    return re.search(rf"(^|_)({words})(_|$)", snake_case(name)) is not None

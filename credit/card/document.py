"""The whole card."""

from credit.card.development import development
from credit.card.evidence import Evidence
from credit.card.functioning import functioning
from credit.card.origin import origin
from credit.card.overview import beginning, general_description
from credit.card.risks import metrics_and_risks


def model_card(evidence: Evidence) -> str:
    """Write the model card as Markdown, every number of it from `evidence`."""
    parts = (beginning, general_description, development, functioning, metrics_and_risks, origin)
    return "\n\n".join(part(evidence) for part in parts) + "\n"

"""Tells a person's open pages of answers that begin and end, whoever started or ended them."""

from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import ChatUpdatedEvent, GenerationEndedEvent, GenerationStartedEvent
from ai_chat.relay.generation import Ending, GenerationPlan


class Announcer:
    """Implements the relay's `GenerationObserver` on the live channel."""

    def __init__(self, live: LiveEvents) -> None:
        self._live = live

    def started(self, plan: GenerationPlan) -> None:
        if plan.chat_id is None:
            return  # an answer to a program, which no page shows
        chat_id = str(plan.chat_id)
        if plan.new_title is not None:
            self._live.publish(plan.user_id, ChatUpdatedEvent(chat_id, plan.new_title))
        self._live.publish(plan.user_id, GenerationStartedEvent(chat_id, str(plan.generation_id), str(plan.message_id)))

    def ended(self, ending: Ending) -> None:
        if ending.chat_id is None:
            return
        self._live.publish(
            ending.user_id,
            GenerationEndedEvent(str(ending.chat_id), str(ending.generation_id), str(ending.message_id), ending.status),
        )

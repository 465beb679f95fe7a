"""What is true of the embedded model, written down once, for the catalogue, the chats and the child process.

The limits follow from measurements on two cores, where the model gets one thread: it reads about 250 prompt tokens and
writes about 130 tokens a second, and a token of context costs 22.5 KiB of memory whether it is used or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class LocalModelProfile:
    """A model small enough to be shipped, and how to get its best answers."""

    id: str
    name: str
    note: str
    """A warning to show beside the name: whoever expects a large model must not be disappointed silently."""

    slots: int
    """How many requests are answered at once; more of them wait in the child's queue."""

    context_tokens: int
    """Prompt and answer of one request together. The child refuses a longer prompt with `exceed_context_size_error`."""

    prompt_tokens: int
    """The history is trimmed to this, because the reader waits for the first word while the prompt is read."""

    answer_tokens: int
    """Where an answer is cut unless the request names `max_tokens`: a model this small seldom ends a long text but
    starts to repeat itself."""

    system_prompt: str
    """The default. Without a system prompt, 4 of 16 one-line facts were wrong or gibberish; with this one, 1 of 16."""

    temperature: float
    top_p: float
    request_fields: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    """Fields to add to the body of every completion request; the OpenAI API does not know them."""

    @property
    def pool_tokens(self) -> int:
        """Context of all slots together: enough that two requests at their limit never take cells from each other."""
        return self.slots * self.context_tokens


SMOLLM2 = LocalModelProfile(
    id="smollm2-135m-instruct",
    name="SmolLM2 135M",
    note="demo, English only",
    slots=2,
    # A full prompt, a full answer, and room for one message that is longer than the budget by itself. The model was
    # trained for 8,192, but a prompt of 2,700 tokens takes 12 s to read, and two of 4,096 would take 70 MB more than
    # two of 2,560: the difference between fitting into a container of 512 MB beside the server and not.
    context_tokens=2560,
    # Four seconds until the first word, eight when the computer is busy. Later questions of a chat read only what is
    # new, because the beginning is cached; trimming changes the beginning, so cut more than the last question needs.
    prompt_tokens=1024,
    answer_tokens=1024,
    system_prompt="You are a helpful assistant. Answer the question directly and briefly.",
    temperature=0.2,
    top_p=0.9,
    request_fields=MappingProxyType(
        {
            # Without progress reports the child notices a reader who left only after it has read the whole prompt.
            "return_progress": True,
            "cache_prompt": True,
        }
    ),
)
